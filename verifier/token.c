#include "verifier/token.h"

#include "base/json_in.h"
#include "base/limits.h"
#include "jose/base64url.h"

/* One token on its way through the checks. Nothing in it is to be believed before the last. */
struct token {
    const struct cb_settings *settings;
    int64_t now;
    struct cb_str text;
    struct cb_arena arena;
    struct cb_jws_raw raw;
    json_t *header, *payload;
    enum cb_alg alg;
    struct cb_verify_key *key;
    struct cb_claims_of claims;
};

/* What failed inside us is told apart from what the token got wrong. */
static certbound_code code_or_ours(const struct cb_err *err, certbound_code otherwise)
{
    return err->code == CB_E_MEMORY   ? CERTBOUND_E_MEMORY
           : err->code == CB_E_CRYPTO ? CERTBOUND_E_INTERNAL
                                      : otherwise;
}

static certbound_code check_shape(struct token *t)
{
    struct cb_err err = { 0 };
    const bool good = !CB_FAILED(cb_jws_split(&t->arena, t->text, &t->raw, &err));
    return good ? CERTBOUND_OK : code_or_ours(&err, CERTBOUND_E_TOKEN_MALFORMED);
}

static certbound_code check_json(struct token *t)
{
    return CB_FAILED(cb_json_object(t->raw.header_json, &t->header, NULL)) ? CERTBOUND_E_HEADER
                                                                           : CERTBOUND_OK;
}

/* RFC 9068 section 4; letter case does not count: RFC 7515 section 4.1.9. */
static certbound_code check_typ(struct token *t)
{
    struct cb_str typ;
    const bool good =
        cb_json_get_str(t->header, "typ", &typ) &&
        (cb_str_eq_nocase(typ, CB_STR("at+jwt")) || cb_str_eq_nocase(typ, CB_STR("application/at+jwt")));
    return good ? CERTBOUND_OK : CERTBOUND_E_TYP;
}

static certbound_code check_alg(struct token *t)
{
    struct cb_str alg;
    t->alg = cb_json_get_str(t->header, "alg", &alg) ? cb_alg_of(alg) : CB_ALG_NONE;
    return t->alg == CB_ALG_NONE ? CERTBOUND_E_ALG : CERTBOUND_OK;
}

/* RFC 7515 section 4.1.11: we understand no extension, and an empty list is not allowed either. */
static certbound_code check_crit(struct token *t)
{
    return json_object_get(t->header, "crit") == NULL ? CERTBOUND_OK : CERTBOUND_E_CRIT;
}

/* A name in our own set, never a place to look: jwk, jku and x5u are not read. RFC 8725 section 3.10. */
static certbound_code check_kid(struct token *t)
{
    struct cb_str kid;
    if (!cb_json_get_str(t->header, "kid", &kid)) {
        return CERTBOUND_E_KID_MISSING;
    }
    t->key = cb_keyset_find(t->settings->keys, kid);
    return t->key == NULL ? CERTBOUND_E_KID_UNKNOWN : CERTBOUND_OK;
}

static certbound_code check_alg_key(struct token *t)
{
    return t->alg == cb_verify_key_alg(t->key) ? CERTBOUND_OK : CERTBOUND_E_ALG_KEY;
}

static certbound_code run(certbound_code (*const checks[])(struct token *), size_t count, struct token *t)
{
    certbound_code code = CERTBOUND_OK;
    for (size_t i = 0; code == CERTBOUND_OK && i < count; i++) {
        code = checks[i](t);
    }
    return code;
}

/* What is found here depends on nothing but the header's bytes and the key set. */
static certbound_code check_header(struct token *t)
{
    static certbound_code (*const checks[])(struct token *) = {
        check_json, check_typ, check_alg, check_crit, check_kid, check_alg_key,
    };
    t->key = cb_keyset_find_header(t->settings->keys, t->raw.header_json);
    return t->key != NULL ? CERTBOUND_OK : run(checks, CB_COUNT(checks), t);
}

static certbound_code check_signature(struct token *t)
{
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_verify(t->key, t->raw.signing_input, t->raw.signature, &err))) {
        return code_or_ours(&err, CERTBOUND_E_SIGNATURE);
    }
    cb_keyset_remember_header(t->settings->keys, t->key, t->raw.header_json);
    return CERTBOUND_OK;
}

static certbound_code check_payload(struct token *t)
{
    t->claims.json = t->raw.payload_json;
    return CB_FAILED(cb_json_object(t->raw.payload_json, &t->payload, NULL)) ? CERTBOUND_E_CLAIMS
                                                                             : CERTBOUND_OK;
}

static certbound_code check_issuer(struct token *t)
{
    struct cb_str iss;
    const bool good = cb_json_get_str(t->payload, "iss", &iss) && cb_str_eq(iss, t->settings->issuer);
    return good ? CERTBOUND_OK : CERTBOUND_E_ISSUER;
}

/* RFC 7519 section 4.1.3: one string, or an array of nothing but strings. */
static certbound_code check_audience(struct token *t)
{
    const json_t *aud = json_object_get(t->payload, "aud");
    const size_t n = json_is_array(aud) ? json_array_size(aud) : 1;
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(aud) ? json_array_get(aud, i) : aud;
        if (!json_is_string(one)) {
            return CERTBOUND_E_AUDIENCE;
        }
        const struct cb_str name = { json_string_value(one), json_string_length(one) };
        found = found || cb_str_eq(name, t->settings->audience);
    }
    return found ? CERTBOUND_OK : CERTBOUND_E_AUDIENCE;
}

/* NumericDate, RFC 7519 section 2: a number of seconds, fractions allowed; ours end with the year 9999. */
static certbound_code read_date(const json_t *payload, const char *name, bool round_up, int64_t *out)
{
    const json_t *v = json_object_get(payload, name);
    if (v == NULL) {
        return CERTBOUND_E_CLAIM_MISSING;
    }
    if (json_is_integer(v)) {
        *out = json_integer_value(v);
        return *out >= 0 && *out <= CB_TIME_MAX ? CERTBOUND_OK : CERTBOUND_E_CLAIM_TYPE;
    }
    const double seconds = json_is_real(v) ? json_real_value(v) : -1;
    if (!(seconds >= 0 && seconds < (double)CB_TIME_MAX)) {
        return CERTBOUND_E_CLAIM_TYPE;
    }
    *out = (int64_t)seconds;
    *out += round_up && (double)*out < seconds ? 1 : 0;
    return CERTBOUND_OK;
}

static certbound_code check_dates(struct token *t)
{
    const struct {
        const char *name;
        bool optional;
        bool round_up;
        int64_t *out;
    } dates[] = {
        { .name = "exp", .out = &t->claims.dates.expires },
        { .name = "iat", .round_up = true, .out = &t->claims.dates.issued_at },
        { .name = "nbf", .optional = true, .round_up = true, .out = &t->claims.dates.not_before },
    };
    for (size_t i = 0; i < CB_COUNT(dates); i++) {
        const certbound_code code = read_date(t->payload, dates[i].name, dates[i].round_up, dates[i].out);
        if (code != CERTBOUND_OK && !(dates[i].optional && code == CERTBOUND_E_CLAIM_MISSING)) {
            return code;
        }
    }
    return cb_dates_check(&t->claims.dates, t->now, t->settings->skew);
}

/* RFC 9068 section 2.2 */
static certbound_code check_strings(struct token *t)
{
    const struct {
        const char *name;
        bool optional;
        struct cb_str *out;
    } strings[] = {
        { .name = "sub", .out = &t->claims.subject },
        { .name = "client_id", .out = &t->claims.client_id },
        { .name = "jti", .out = &t->claims.jwt_id },
        { .name = "scope", .optional = true, .out = &t->claims.scope },
    };
    for (size_t i = 0; i < CB_COUNT(strings); i++) {
        const bool there = json_object_get(t->payload, strings[i].name) != NULL;
        if (there && !cb_json_get_str(t->payload, strings[i].name, strings[i].out)) {
            return CERTBOUND_E_CLAIM_TYPE;
        }
        if (!strings[i].optional && strings[i].out->n == 0) {
            return CERTBOUND_E_CLAIM_MISSING;
        }
    }
    return CERTBOUND_OK;
}

/* RFC 7800 section 3.1 and RFC 8705 section 3.1. Other members may stand beside, but a second confirmation
 * that we cannot check must not be passed over. */
static certbound_code check_confirmation(struct token *t)
{
    const json_t *cnf = json_object_get(t->payload, "cnf");
    if (cnf == NULL) {
        return CERTBOUND_E_CNF_MISSING;
    }
    if (!json_is_object(cnf)) {
        return CERTBOUND_E_CNF_MALFORMED;
    }
    if (json_object_get(cnf, "jkt") != NULL) {
        return CERTBOUND_E_DPOP_UNSUPPORTED;
    }
    if (json_object_get(cnf, "x5t#S256") == NULL) {
        return CERTBOUND_E_CNF_UNSUPPORTED;
    }
    struct cb_str text;
    size_t n = 0;
    const bool good = cb_json_get_str(cnf, "x5t#S256", &text) &&
                      !CB_FAILED(cb_base64url_decode(text, t->claims.x5t, sizeof t->claims.x5t, &n, NULL)) &&
                      n == sizeof t->claims.x5t;
    return good ? CERTBOUND_OK : CERTBOUND_E_CNF_MALFORMED;
}

static void token_done(struct token *t)
{
    json_decref(t->header);
    json_decref(t->payload);
    cb_arena_done(&t->arena);
}

/* The order in which a resource server must look: cheap before dear, nothing believed before the signature.
 */
static certbound_code (*const checks[])(struct token *) = {
    check_shape,    check_header, check_signature, check_payload,      check_issuer,
    check_audience, check_dates,  check_strings,   check_confirmation,
};

certbound_code cb_token_check(const struct cb_settings *settings, struct cb_str text, int64_t now,
                              certbound_claims **out_claims)
{
    CB_AUTO(token_done) struct token t = { .settings = settings, .now = now, .text = text };
    cb_arena_init(&t.arena, CB_LIMIT_REQUEST_ARENA);
    const certbound_code code = run(checks, CB_COUNT(checks), &t);
    if (code != CERTBOUND_OK) {
        return code;
    }
    certbound_claims *claims = cb_claims_new(&t.claims);
    if (claims == NULL) {
        return CERTBOUND_E_MEMORY;
    }
    *out_claims = claims;
    return CERTBOUND_OK;
}
