#include "onboarding/metadata.h"

#include "onboarding/application.h"

const struct cb_metadata cb_metadata_table[] = {
    { "application_type", CB_METADATA_RULED, true },
    { "client_name", CB_METADATA_TEXT, false },
    { "client_uri", CB_METADATA_PAGE, true },
    { "contacts", CB_METADATA_TEXTS, true },
    { "grant_types", CB_METADATA_RULED, false },
    { "id_token_signed_response_alg", CB_METADATA_ALGORITHM, true },
    { "jwks", CB_METADATA_RULED, false },
    { "jwks_uri", CB_METADATA_RULED, false },
    { "logo_uri", CB_METADATA_PAGE, true },
    { "policy_uri", CB_METADATA_PAGE, true },
    { "redirect_uris", CB_METADATA_RULED, true },
    { "request_object_signing_alg", CB_METADATA_ALGORITHM, true },
    { "response_types", CB_METADATA_RULED, false },
    { "scope", CB_METADATA_RULED, false },
    { "software_id", CB_METADATA_TEXT, false },
    { "software_version", CB_METADATA_TEXT, true },
    { "tls_client_auth_san_dns", CB_METADATA_TEXT, true },
    { "tls_client_auth_san_email", CB_METADATA_TEXT, true },
    { "tls_client_auth_san_ip", CB_METADATA_TEXT, true },
    { "tls_client_auth_san_uri", CB_METADATA_TEXT, true },
    { "tls_client_auth_subject_dn", CB_METADATA_TEXT, true },
    { "tls_client_certificate_bound_access_tokens", CB_METADATA_RULED, false },
    { "token_endpoint_auth_method", CB_METADATA_RULED, false },
    { "token_endpoint_auth_signing_alg", CB_METADATA_ALGORITHM, true },
    { "tos_uri", CB_METADATA_PAGE, true },
};
const size_t cb_metadata_count = CB_COUNT(cb_metadata_table);

/* What the statements of open banking directories call it. */
static const struct {
    const char *claim, *name;
} banking_names[] = {
    { "software_client_name", "client_name" }, { "software_client_uri", "client_uri" },
    { "software_id", "software_id" },          { "software_jwks_endpoint", "jwks_uri" },
    { "software_jwks_uri", "jwks_uri" },       { "software_logo_uri", "logo_uri" },
    { "software_policy_uri", "policy_uri" },   { "software_tos_uri", "tos_uri" },
};

static cb_status set(json_t *to, const char *name, json_t *value, struct cb_err *err)
{
    if (value == NULL || json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0)) {
        return CB_OK;
    }
    CB_ENSURE(json_object_set(to, name, value) == 0, CB_E_MEMORY, "client metadata");
    return CB_OK;
}

static cb_status set_known(json_t *to, const json_t *from, struct cb_err *err)
{
    for (size_t i = 0; i < cb_metadata_count; i++) {
        const char *name = cb_metadata_table[i].name;
        CB_TRY(set(to, name, json_object_get(from, name), err));
    }
    return CB_OK;
}

cb_status cb_metadata_merge(struct cb_arena *a, const json_t *asked, const json_t *statement, unsigned scheme,
                            const json_t **out, struct cb_err *err)
{
    json_t *merged = json_object();
    CB_TRY(cb_claims_own(a, merged, err));
    CB_TRY(set_known(merged, asked, err));
    if (scheme == CB_SCHEME_GENERIC) {
        CB_TRY(set_known(merged, statement, err));
    }
    for (size_t i = 0; scheme != CB_SCHEME_GENERIC && i < CB_COUNT(banking_names); i++) {
        CB_TRY(set(merged, banking_names[i].name, json_object_get(statement, banking_names[i].claim), err));
    }
    *out = merged;
    return CB_OK;
}
