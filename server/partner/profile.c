#include "partner/profile_rules.h"

static cb_status read_plain(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    (void)cert;
    (void)err;
    out->form = CB_FORM_PLAIN;
    return CB_OK;
}

static cb_status read_psd2(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    struct cb_organisation provider = { .text = { NULL, 0 } };
    struct cb_qc qc = { .roles = 0 };
    bool stated = false;
    CB_TRY(cb_cert_qc(cert, &stated, &qc, err));
    CB_ENSURE(stated, CB_E_CERT_PROFILE, "the certificate carries no qcStatements");
    CB_TRY(cb_profile_check_website(&qc, err));
    CB_ENSURE(qc.has_psd2, CB_E_CERT_PROFILE, "the qcStatements hold no PSD2 statement");
    CB_TRY(cb_profile_provider(cert, &provider, err));
    CB_TRY(cb_profile_check_authority(&qc, &provider, err));
    out->form = CB_FORM_QWAC;
    out->organisation = out->organisation_id = provider.text;
    cb_profile_take_roles(&qc, out);
    return CB_OK;
}

static const struct {
    const char *name;
    cb_status (*read)(const struct cb_cert *, struct cb_profile_facts *, struct cb_err *);
} profiles[CB_PROFILE__MAX] = {
    [CB_PROFILE_NONE] = { "", NULL },
    [CB_PROFILE_PLAIN] = { "plain", read_plain },
    [CB_PROFILE_PSD2] = { "psd2", read_psd2 },
    [CB_PROFILE_OBUK] = { "obuk", cb_profile_read_obuk },
    [CB_PROFILE_OFBR] = { "ofbr", cb_profile_read_ofbr },
};

enum cb_profile cb_profile_of(struct cb_str name)
{
    for (enum cb_profile p = CB_PROFILE_PLAIN; p < CB_PROFILE__MAX; p++) {
        if (cb_str_is(name, profiles[p].name)) {
            return p;
        }
    }
    return CB_PROFILE_NONE;
}

enum cb_profile cb_profile_of_group(const struct cb_config *config, struct cb_str trust_group)
{
    for (size_t i = 0; i < config->trust_group_count; i++) {
        if (cb_str_is(trust_group, config->trust_groups[i].name)) {
            return cb_profile_of(cb_str_of(config->trust_groups[i].profile));
        }
    }
    return CB_PROFILE_NONE;
}

const char *cb_profile_name(enum cb_profile p)
{
    return p < CB_PROFILE__MAX ? profiles[p].name : "";
}

const char *cb_certificate_form_name(enum cb_certificate_form f)
{
    static const char *const names[CB_FORM__MAX] = {
        [CB_FORM_NONE] = "",       [CB_FORM_PLAIN] = "plain",         [CB_FORM_QWAC] = "qwac",
        [CB_FORM_OBWAC] = "obwac", [CB_FORM_OB_LEGACY] = "ob_legacy", [CB_FORM_BRCAC] = "brcac",
    };
    return f < CB_FORM__MAX ? names[f] : "";
}

cb_status cb_profile_read(enum cb_profile profile, const struct cb_cert *cert, struct cb_profile_facts *out,
                          struct cb_err *err)
{
    struct cb_profile_facts facts = { .form = CB_FORM_NONE };
    CB_ENSURE(profile > CB_PROFILE_NONE && profile < CB_PROFILE__MAX, CB_E_CERT_PROFILE,
              "the trust group has no profile");
    CB_TRY(profiles[profile].read(cert, &facts, err));
    *out = facts;
    return CB_OK;
}
