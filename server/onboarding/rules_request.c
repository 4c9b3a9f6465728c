/* Is the request one of this scheme, meant for this server, by this software, now? UK Open Banking signs it;
 * RFC 7592 section 2.2 for one that replaces a registration. */
#include "onboarding/replay.h"
#include "onboarding/rules.h"

enum { CLOCK_SKEW_S = 60 };

static cb_status form(const struct cb_application *app, struct cb_err *err)
{
    if (app->scheme == CB_SCHEME_OBUK) {
        CB_ENSURE(app->is_signed, CB_E_REGISTRATION, "send a signed request, as application/jose");
    } else {
        CB_ENSURE(!app->is_signed, CB_E_REGISTRATION, "send plain JSON, as application/json");
    }
    return CB_OK;
}

static cb_status algorithm(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(!app->is_signed || app->request.alg == CB_ALG_PS256 || app->request.alg == CB_ALG_ES256,
              CB_E_REGISTRATION, "the request must be signed with PS256 or ES256");
    return CB_OK;
}

static cb_status type(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(!app->is_signed || app->request.plain_type, CB_E_REGISTRATION,
              "typ of the request must be JWT or absent");
    return CB_OK;
}

static cb_status keys_named(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(cb_str_starts(cb_application_request_keys_url(app), CB_STR("https://")), CB_E_REGISTRATION,
              "software_statement names no https software_jwks_endpoint");
    return CB_OK;
}

static cb_status signature(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(app->request_verdict.code == CB_E_NONE, CB_E_REGISTRATION,
              "the request is not signed by a key of software_jwks_endpoint: %.100s",
              app->request_verdict.detail);
    return CB_OK;
}

static cb_status issuer(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str iss;
    CB_ENSURE(cb_json_get_str(app->asked, "iss", &iss) && cb_str_eq(iss, cb_application_software_id(app)),
              CB_E_REGISTRATION, "iss of the request is not the software_id of software_statement");
    return CB_OK;
}

static cb_status software(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str id;
    CB_ENSURE(!cb_claims_has(app->asked, "software_id") || (cb_json_get_str(app->asked, "software_id", &id) &&
                                                            cb_str_eq(id, cb_application_software_id(app))),
              CB_E_REGISTRATION, "software_id is not that of software_statement");
    return CB_OK;
}

static bool is_us(const struct cb_config *c, struct cb_str name)
{
    for (size_t i = 0; i < c->audience_count; i++) {
        if (cb_str_is(name, c->audiences[i])) {
            return true;
        }
    }
    return cb_str_is(name, c->issuer);
}

static cb_status audience(const struct cb_application *app, struct cb_err *err)
{
    const json_t *aud = json_object_get(app->asked, "aud");
    struct cb_str one;
    bool found = cb_json_get_str(app->asked, "aud", &one) && is_us(app->config, one);
    for (size_t i = 0; i < json_array_size(aud) && !found; i++) {
        found = json_is_string(json_array_get(aud, i)) && is_us(app->config, cb_claims_word(aud, i));
    }
    CB_ENSURE(found, CB_E_REGISTRATION, "aud of the request does not name this server");
    return CB_OK;
}

static cb_status times(const struct cb_application *app, struct cb_err *err)
{
    int64_t exp = 0, iat = 0, nbf = 0;
    CB_ENSURE(cb_claims_time(app->asked, "iat", &iat), CB_E_REGISTRATION, "the request needs an iat");
    CB_ENSURE(cb_claims_time(app->asked, "exp", &exp), CB_E_REGISTRATION, "the request needs an exp");
    CB_ENSURE(app->now < exp, CB_E_REGISTRATION, "the request has expired");
    CB_ENSURE(exp - app->now <= CB_REPLAY_MOST_S, CB_E_REGISTRATION,
              "exp of the request is more than %d seconds ahead", CB_REPLAY_MOST_S);
    CB_ENSURE(iat <= app->now + CLOCK_SKEW_S, CB_E_REGISTRATION, "iat of the request is in the future");
    CB_ENSURE(!cb_claims_has(app->asked, "nbf") ||
                  (cb_claims_time(app->asked, "nbf", &nbf) && nbf <= app->now + CLOCK_SKEW_S),
              CB_E_REGISTRATION, "nbf of the request is in the future");
    return CB_OK;
}

/* UUID version 4: xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx */
static bool is_uuid4(struct cb_str s)
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < s.n && s.n == sizeof form - 1; i++) {
        const char c = (char)cb_ascii_lower((unsigned char)s.p[i]);
        const bool fits = form[i] == 'x'   ? c != '\0' && strchr(digits, c) != NULL
                          : form[i] == 'y' ? c != '\0' && strchr("89ab", c) != NULL
                                           : c == form[i];
        if (!fits) {
            return false;
        }
    }
    return s.n == sizeof form - 1;
}

static cb_status id(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str jti;
    CB_ENSURE(cb_json_get_str(app->asked, "jti", &jti) && is_uuid4(jti), CB_E_REGISTRATION,
              "jti of the request is not a UUID of version 4");
    return CB_OK;
}

/* RFC 7592 section 2.2. UK Open Banking's request has no client_id; the path names it. */
static cb_status client(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str name;
    if (app->registered == NULL ||
        (app->scheme == CB_SCHEME_OBUK && !cb_claims_has(app->asked, "client_id"))) {
        return CB_OK;
    }
    CB_ENSURE(cb_json_get_str(app->asked, "client_id", &name) && cb_str_eq(name, app->registered->client_id),
              CB_E_REGISTRATION, "client_id must be there and be the one of the path");
    return CB_OK;
}

static cb_status servers_own(const struct cb_application *app, struct cb_err *err)
{
    static const char *const names[] = { "registration_access_token", "registration_client_uri",
                                         "client_secret_expires_at", "client_id_issued_at", "client_secret" };
    for (size_t i = 0; i < CB_COUNT(names) && app->registered != NULL; i++) {
        CB_ENSURE(json_object_get(app->asked, names[i]) == NULL, CB_E_REGISTRATION,
                  "%s is the server's to say: leave it out", names[i]);
    }
    return CB_OK;
}

/* clang-format off */
static const struct cb_rule rules[] = {
    { "request_form", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, form },
    { "request_algorithm", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, algorithm },
    { "request_type", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, type },
    { "request_keys", CB_SCHEME_OBUK, 0, CB_E_DCR_STATEMENT, keys_named },
    { "request_signature", CB_SCHEME_OBUK, CB_HAS_REQUEST_KEYS, CB_E_DCR_METADATA, signature },
    { "request_issuer", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, issuer },
    { "request_software", CB_SCHEME_OBUK | CB_SCHEME_OFBR, 0, CB_E_DCR_METADATA, software },
    { "request_audience", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, audience },
    { "request_times", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, times },
    { "request_id", CB_SCHEME_OBUK, 0, CB_E_DCR_METADATA, id },
    { "request_client", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, client },
    { "request_servers_own", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, servers_own },
};
/* clang-format on */
const struct cb_rule_table cb_rules_request = { rules, CB_COUNT(rules) };
