#include "partner/profile_rules.h"

#include "cert/usage.h"

bool cb_is_present(struct cb_str s)
{
    return s.n > 0;
}

bool cb_is_alphanumeric(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = cb_ascii_lower((unsigned char)s.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return s.n > 0;
}

const struct cb_profile_attribute cb_profile_organization_identifier = { CB_OID_ORGANIZATION_IDENTIFIER,
                                                                         "organizationIdentifier",
                                                                         cb_is_present, "there" };

cb_status cb_profile_attribute(const struct cb_cert *cert, const struct cb_profile_attribute *a,
                               struct cb_str *out, struct cb_err *err)
{
    struct cb_str value = { 0 };
    const size_t count = cert->subject == NULL ? 0 : cb_name_values(cert->subject, a->oid, &value);
    CB_ENSURE(count == 1, CB_E_CERT_PROFILE, "the subject holds %zu %s (%s), it must hold one", count,
              a->name, a->oid);
    CB_ENSURE(a->good(value), CB_E_CERT_PROFILE, "the subject's %s (%s) must be %s", a->name, a->oid,
              a->rule);
    *out = value;
    return CB_OK;
}

bool cb_profile_has_organisation(const struct cb_cert *cert)
{
    struct cb_str ignored = { 0 };
    return cert->subject != NULL &&
           cb_name_values(cert->subject, CB_OID_ORGANIZATION_IDENTIFIER, &ignored) > 0;
}

cb_status cb_profile_need_client_auth(const struct cb_cert *cert, struct cb_err *err)
{
    bool found = false;
    CB_TRY(cb_cert_has_purpose(cert, CB_PURPOSE_CLIENT_AUTH, &found, err));
    CB_ENSURE(found, CB_E_CERT_PROFILE, "extendedKeyUsage must name clientAuth");
    return CB_OK;
}

cb_status cb_profile_provider(const struct cb_cert *cert, struct cb_organisation *out, struct cb_err *err)
{
    struct cb_str text = { 0 };
    CB_TRY(cb_profile_attribute(cert, &cb_profile_organization_identifier, &text, err));
    CB_ENSURE(cb_organisation_of(text, out) && cb_str_is(out->scheme, "PSD"), CB_E_CERT_PROFILE,
              "organizationIdentifier must be PSD, country, -, authority, -, number");
    return CB_OK;
}

cb_status cb_profile_check_authority(const struct cb_qc *qc, const struct cb_organisation *provider,
                                     struct cb_err *err)
{
    struct cb_str authority = qc->authority_id, country = { 0 };
    CB_ENSURE(cb_str_next(&authority, '-', &country) && cb_str_eq(country, provider->country) &&
                  cb_str_eq(authority, provider->authority),
              CB_E_CERT_PROFILE,
              "nCAId is " CB_STR_FMT ", organizationIdentifier says " CB_STR_FMT "-" CB_STR_FMT,
              CB_STR_ARG(qc->authority_id), CB_STR_ARG(provider->country), CB_STR_ARG(provider->authority));
    return CB_OK;
}

cb_status cb_profile_check_website(const struct cb_qc *qc, struct cb_err *err)
{
    CB_ENSURE((qc->types & CB_QC_TYPE_WEBSITE) != 0, CB_E_CERT_QC_TYPE,
              "QcType is %s, not website authentication",
              (qc->types & CB_QC_TYPE_SEAL) != 0 ? "electronic seal" : "electronic signature");
    return CB_OK;
}

void cb_profile_take_roles(const struct cb_qc *qc, struct cb_profile_facts *out)
{
    out->authority = qc->authority_id;
    out->roles = qc->roles;
    out->limits_scopes = true;
}
