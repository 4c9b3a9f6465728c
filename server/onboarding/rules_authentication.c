/* How the client will authenticate, and with which keys: RFC 8705 section 2, RFC 7591 section 2. */
#include "cert/name.h"
#include "jose/jwk.h"
#include "onboarding/dn_form.h"
#include "onboarding/rules.h"
#include "onboarding/uri.h"
#include "partner/client.h"

enum { OBUK_SUBJECT_CHARACTERS = 128 };

static enum cb_auth_method method_of(const struct cb_application *app)
{
    struct cb_str name = { 0 };
    (void)cb_json_get_str(app->metadata, "token_endpoint_auth_method", &name);
    return cb_auth_method_of(name);
}

static cb_status method(const struct cb_application *app, struct cb_err *err)
{
    const enum cb_auth_method m = method_of(app);
    if (app->scheme == CB_SCHEME_GENERIC) {
        CB_ENSURE(m != CB_AUTH_NONE, CB_E_REGISTRATION,
                  "token_endpoint_auth_method must be tls_client_auth or self_signed_tls_client_auth");
    } else {
        CB_ENSURE(m == CB_AUTH_TLS_CLIENT, CB_E_REGISTRATION,
                  "token_endpoint_auth_method must be tls_client_auth");
    }
    return CB_OK;
}

/* RFC 8705 section 2.1.2: exactly one; none for self-signed certificates, which are registered as keys. */
static cb_status subject(const struct cb_application *app, struct cb_err *err)
{
    size_t given = 0;
    for (enum cb_subject_kind k = CB_SUBJECT_DN; k < CB_SUBJECT__MAX; k++) {
        given += cb_claims_has(app->metadata, cb_subject_kind_name(k));
    }
    if (method_of(app) == CB_AUTH_SELF_SIGNED_TLS_CLIENT) {
        CB_ENSURE(given == 0, CB_E_REGISTRATION,
                  "self_signed_tls_client_auth takes no tls_client_auth_ subject");
    } else if (app->scheme == CB_SCHEME_GENERIC) {
        CB_ENSURE(given == 1, CB_E_REGISTRATION,
                  "give exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, _san_email");
    } else {
        CB_ENSURE(given == 1 && cb_claims_has(app->metadata, cb_subject_kind_name(CB_SUBJECT_DN)),
                  CB_E_REGISTRATION, "give tls_client_auth_subject_dn and no other subject");
    }
    return CB_OK;
}

static bool subject_dn(const struct cb_application *app, struct cb_str *out)
{
    return cb_json_get_str(app->metadata, cb_subject_kind_name(CB_SUBJECT_DN), out);
}

static cb_status subject_length(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str dn;
    size_t characters = 0;
    for (size_t i = 0; subject_dn(app, &dn) && i < dn.n; i++) {
        characters += ((unsigned char)dn.p[i] & 0xc0) != 0x80; /* the first octet of each in UTF-8 */
    }
    CB_ENSURE(characters <= OBUK_SUBJECT_CHARACTERS, CB_E_REGISTRATION,
              "tls_client_auth_subject_dn is longer than %d characters", OBUK_SUBJECT_CHARACTERS);
    return CB_OK;
}

static cb_status subject_form(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str dn;
    CB_ENSURE(
        !subject_dn(app, &dn) || cb_dn_form_is_brazilian(dn), CB_E_REGISTRATION,
        "tls_client_auth_subject_dn must be in the form of RFC 4514, with CN L ST O OU C STREET DC UID by "
        "name and every other attribute as OID=#hex");
    return CB_OK;
}

static cb_status keys_once(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(!cb_claims_has(app->metadata, "jwks") || !cb_claims_has(app->metadata, "jwks_uri"),
              CB_E_REGISTRATION, "give jwks or jwks_uri, not both");
    return CB_OK;
}

/* They are kept and shown to whoever reads the registration: a private key among them is one no longer. */
static cb_status check_key_set(const json_t *jwks, struct cb_err *err)
{
    const json_t *keys = json_object_get(jwks, "keys");
    CB_ENSURE(json_is_array(keys) && json_array_size(keys) <= CB_LIMIT_JWKS_KEYS, CB_E_REGISTRATION,
              "jwks is not a JWK set of at most %d keys", CB_LIMIT_JWKS_KEYS);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        CB_ENSURE(json_is_object(key), CB_E_REGISTRATION, "key %zu of jwks is no object", i + 1);
        CB_ENSURE(cb_jwk_private_member(key) == NULL, CB_E_REGISTRATION,
                  "key %zu of jwks is private: register public keys only, and replace this key", i + 1);
    }
    return CB_OK;
}

static cb_status keys_form(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str uri;
    CB_ENSURE(!cb_claims_has(app->metadata, "jwks_uri") ||
                  (cb_json_get_str(app->metadata, "jwks_uri", &uri) && cb_uri_is_https(uri)),
              CB_E_REGISTRATION, "jwks_uri is not an https URL without user, fragment or blanks");
    return cb_claims_has(app->metadata, "jwks") ? check_key_set(json_object_get(app->metadata, "jwks"), err)
                                                : CB_OK;
}

static cb_status keys_given(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(method_of(app) != CB_AUTH_SELF_SIGNED_TLS_CLIENT || cb_claims_has(app->metadata, "jwks") ||
                  cb_claims_has(app->metadata, "jwks_uri"),
              CB_E_REGISTRATION, "self_signed_tls_client_auth needs the certificates, in jwks or jwks_uri");
    return CB_OK;
}

static cb_status keys_by_value(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(!cb_claims_has(app->asked, "jwks"), CB_E_REGISTRATION,
              "jwks must not be given: the keys are at jwks_uri");
    return CB_OK;
}

/* The keys are where the directory says. In the UK the request need not repeat it. */
static cb_status keys_of_statement(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str asked = { 0 }, stated = { 0 };
    const bool any = cb_json_get_str(app->asked, "jwks_uri", &asked);
    if (!cb_json_get_str(app->statement.claims, "software_jwks_uri", &stated)) {
        (void)cb_json_get_str(app->statement.claims, "software_jwks_endpoint", &stated);
    }
    CB_ENSURE(any || app->scheme == CB_SCHEME_OBUK, CB_E_REGISTRATION, "jwks_uri is missing");
    CB_ENSURE(!any || cb_str_eq(asked, stated), CB_E_REGISTRATION,
              "jwks_uri is not the one of software_statement");
    return CB_OK;
}

enum { BANKING = CB_SCHEME_OBUK | CB_SCHEME_OFBR };

/* clang-format off */
static const struct cb_rule rules[] = {
    { "authentication_method", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, method },
    { "authentication_subject", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, subject },
    { "authentication_subject_length", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, subject_length },
    { "authentication_subject_form", CB_SCHEME_OFBR, 0, CB_E_DCR_METADATA, subject_form },
    { "keys_once", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, keys_once },
    { "keys_form", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, keys_form },
    { "keys_given", CB_SCHEME_GENERIC, 0, CB_E_DCR_METADATA, keys_given },
    { "keys_by_value", BANKING, 0, CB_E_DCR_METADATA, keys_by_value },
    { "keys_of_statement", BANKING, 0, CB_E_DCR_METADATA, keys_of_statement },
};
/* clang-format on */
const struct cb_rule_table cb_rules_authentication = { rules, CB_COUNT(rules) };
