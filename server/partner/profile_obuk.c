/* UK Open Banking. */
#include "partner/profile_rules.h"

/* Identifiers of the directory. */
static bool is_ob_organisation(struct cb_str s)
{
    return s.n == 18 && cb_is_alphanumeric(s);
}

static bool is_ob_software(struct cb_str s)
{
    return s.n == 22 && cb_is_alphanumeric(s);
}

static bool is_united_kingdom(struct cb_str s)
{
    return cb_str_eq_nocase(s, CB_STR("GB"));
}

static bool is_open_banking(struct cb_str s)
{
    return cb_str_eq_nocase(s, CB_STR("OpenBanking"));
}

static cb_status read_obwac(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    static const struct cb_profile_attribute country = { "2.5.4.6", "C", is_united_kingdom, "GB" };
    static const struct cb_profile_attribute name = { "2.5.4.3", "CN", is_ob_organisation,
                                                      "the directory's organisation id of 18 characters" };
    struct cb_organisation provider = { .text = { NULL, 0 } };
    struct cb_qc qc = { .roles = 0 };
    struct cb_str ignored = { 0 };
    bool stated = false;
    CB_TRY(cb_profile_attribute(cert, &country, &ignored, err));
    CB_TRY(cb_profile_attribute(cert, &name, &out->organisation_id, err));
    CB_TRY(cb_profile_provider(cert, &provider, err));
    CB_ENSURE(is_united_kingdom(provider.country), CB_E_CERT_PROFILE,
              "organizationIdentifier must begin PSDGB-");
    CB_TRY(cb_cert_qc(cert, &stated, &qc, err));
    if (qc.has_types) {
        CB_TRY(cb_profile_check_website(&qc, err));
    }
    if (qc.has_psd2) {
        CB_TRY(cb_profile_check_authority(&qc, &provider, err));
        cb_profile_take_roles(&qc, out);
    }
    out->form = CB_FORM_OBWAC;
    out->organisation = provider.text;
    return CB_OK;
}

static cb_status read_ob_legacy(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    static const struct cb_profile_attribute country = { "2.5.4.6", "C", is_united_kingdom, "GB" };
    static const struct cb_profile_attribute scheme = { "2.5.4.10", "O", is_open_banking, "OpenBanking" };
    static const struct cb_profile_attribute unit = { "2.5.4.11", "OU", is_ob_organisation,
                                                      "the directory's organisation id of 18 characters" };
    static const struct cb_profile_attribute name = { "2.5.4.3", "CN", is_ob_software,
                                                      "the directory's software id of 22 characters" };
    struct cb_str ignored = { 0 };
    CB_TRY(cb_profile_attribute(cert, &country, &ignored, err));
    CB_TRY(cb_profile_attribute(cert, &scheme, &ignored, err));
    CB_TRY(cb_profile_attribute(cert, &unit, &out->organisation_id, err));
    CB_TRY(cb_profile_attribute(cert, &name, &out->software_id, err));
    out->form = CB_FORM_OB_LEGACY;
    return CB_OK;
}

cb_status cb_profile_read_obuk(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    CB_TRY(cb_profile_need_client_auth(cert, err));
    return cb_profile_has_organisation(cert) ? read_obwac(cert, out, err) : read_ob_legacy(cert, out, err);
}
