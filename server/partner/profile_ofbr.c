/* Open Finance Brazil: the BRCAC of its certificate standard. */
#include "cert/usage.h"
#include "partner/profile_rules.h"

/* The number of a legal person; since 2026 with letters. */
static bool is_cnpj(struct cb_str s)
{
    return s.n == 14 && cb_is_alphanumeric(s);
}

static bool is_uuid(struct cb_str s)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < s.n && i < sizeof shape - 1; i++) {
        const unsigned char c = cb_ascii_lower((unsigned char)s.p[i]);
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (shape[i] == 'x' ? !hex : c != '-') {
            return false;
        }
    }
    return s.n == sizeof shape - 1;
}

static bool is_domain(struct cb_str s)
{
    return memchr(s.p, '.', s.n) != NULL && memchr(s.p, ' ', s.n) == NULL;
}

static bool is_business_category(struct cb_str s)
{
    static const char *const categories[] = { "Private Organization", "Government Entity", "Business Entity",
                                              "Non-Commercial Entity" };
    for (size_t i = 0; i < CB_COUNT(categories); i++) {
        if (cb_str_eq_nocase(s, cb_str_of(categories[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_brazil(struct cb_str s)
{
    return cb_str_eq_nocase(s, CB_STR("BR"));
}

/* `OFBBR-` and the organisation's UUID; certificates from before 2022-08-31 have the UUID as OU. */
static cb_status read_br_organisation(const struct cb_cert *cert, struct cb_profile_facts *out,
                                      struct cb_err *err)
{
    static const int64_t since = 1661904000;
    static const struct cb_profile_attribute unit = { "2.5.4.11", "OU", is_uuid, "the organisation's UUID" };
    struct cb_organisation o = { .text = { NULL, 0 } };
    if (cert->not_before < since && !cb_profile_has_organisation(cert)) {
        return cb_profile_attribute(cert, &unit, &out->organisation_id, err);
    }
    CB_TRY(cb_profile_attribute(cert, &cb_profile_organization_identifier, &out->organisation, err));
    CB_ENSURE(cb_organisation_of(out->organisation, &o) && cb_str_is(o.scheme, "OFB") &&
                  is_brazil(o.country) && is_uuid(o.number),
              CB_E_CERT_PROFILE, "organizationIdentifier must be OFBBR- and the organisation's UUID");
    out->organisation_id = o.number;
    return CB_OK;
}

cb_status cb_profile_read_ofbr(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    static const struct cb_profile_attribute attributes[] = {
        { "2.5.4.15", "businessCategory", is_business_category,
          "Private Organization, Government Entity, Business Entity or Non-Commercial Entity" },
        { "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName", is_brazil, "BR" },
        { "2.5.4.5", "serialNumber", is_cnpj, "the CNPJ of 14 characters" },
        { "2.5.4.6", "C", is_brazil, "BR" },
        { "2.5.4.10", "O", cb_is_present, "there" },
        { "2.5.4.8", "ST", cb_is_present, "there" },
        { "2.5.4.7", "L", cb_is_present, "there" },
        { "2.5.4.3", "CN", is_domain, "a domain name" },
    };
    static const struct cb_profile_attribute software = { "0.9.2342.19200300.100.1.1", "UID", is_uuid,
                                                          "the software statement's UUID" };
    enum { USAGE = CB_USAGE_DIGITAL_SIGNATURE | CB_USAGE_KEY_ENCIPHERMENT };
    struct cb_usage usage = { .bits = 0 };
    struct cb_str ignored = { 0 };
    for (size_t i = 0; i < CB_COUNT(attributes); i++) {
        CB_TRY(cb_profile_attribute(cert, &attributes[i], &ignored, err));
    }
    CB_TRY(cb_profile_attribute(cert, &software, &out->software_id, err));
    CB_TRY(read_br_organisation(cert, out, err));
    CB_TRY(cb_cert_key_usage(cert, &usage, err));
    CB_ENSURE(usage.critical && usage.bits == USAGE, CB_E_CERT_PROFILE,
              "keyUsage must be critical, digitalSignature and keyEncipherment");
    CB_TRY(cb_profile_need_client_auth(cert, err));
    CB_ENSURE(cert->sans[CB_SAN_DNS].count > 0, CB_E_CERT_PROFILE, "subjectAltName must hold a dNSName");
    out->form = CB_FORM_BRCAC;
    return CB_OK;
}
