/* Is the software statement good? RFC 7591 section 2.3; UK Open Banking and Open Finance Brazil DCR. */
#include "base/clock.h"
#include "onboarding/rules.h"

enum { CLOCK_SKEW_S = 60, OFBR_MAX_AGE_S = 300, OBUK_SOFTWARE_ID = 22, OBUK_ORGANISATION_ID = 18 };

static cb_status algorithm(const struct cb_application *app, struct cb_err *err)
{
    const enum cb_alg alg = app->statement.alg;
    if (app->scheme == CB_SCHEME_GENERIC) {
        CB_ENSURE(alg != CB_ALG_NONE, CB_E_REGISTRATION,
                  "software_statement must be signed with PS256, ES256 or EdDSA");
        return CB_OK;
    }
    CB_ENSURE(alg == CB_ALG_PS256, CB_E_REGISTRATION, "software_statement must be signed with PS256");
    return CB_OK;
}

static cb_status type(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(app->statement.plain_type, CB_E_REGISTRATION,
              "typ of software_statement must be JWT or absent");
    return CB_OK;
}

static cb_status signature(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(app->statement_verdict.code == CB_E_NONE, CB_E_REGISTRATION,
              "software_statement is not signed by its directory: %.120s", app->statement_verdict.detail);
    return CB_OK;
}

static cb_status expiry(const struct cb_application *app, struct cb_err *err)
{
    const json_t *claims = app->statement.claims;
    int64_t at = 0;
    if (!cb_claims_has(claims, "exp")) {
        return CB_OK;
    }
    CB_ENSURE(cb_claims_time(claims, "exp", &at), CB_E_REGISTRATION, "exp of software_statement is no time");
    char when[CB_TIME_TEXT];
    cb_time_text(at, when);
    CB_ENSURE(app->now < at, CB_E_REGISTRATION, "software_statement expired at %s", when);
    return CB_OK;
}

static cb_status start(const struct cb_application *app, struct cb_err *err)
{
    static const char *const names[] = { "iat", "nbf" };
    const json_t *claims = app->statement.claims;
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        int64_t at = 0;
        if (!cb_claims_has(claims, names[i])) {
            continue;
        }
        CB_ENSURE(cb_claims_time(claims, names[i], &at), CB_E_REGISTRATION,
                  "%s of software_statement is no time", names[i]);
        CB_ENSURE(at <= app->now + CLOCK_SKEW_S, CB_E_REGISTRATION,
                  "%s of software_statement is in the future", names[i]);
    }
    return CB_OK;
}

/* Brazil: at most five minutes. */
static int64_t max_age(const struct cb_application *app)
{
    const int64_t configured = app->directory->statement_max_age_s;
    return configured > 0 ? configured : app->scheme == CB_SCHEME_OFBR ? OFBR_MAX_AGE_S : 0;
}

static cb_status age(const struct cb_application *app, struct cb_err *err)
{
    const int64_t most = max_age(app);
    int64_t issued = 0;
    if (most == 0) {
        return CB_OK;
    }
    CB_ENSURE(cb_claims_time(app->statement.claims, "iat", &issued), CB_E_REGISTRATION,
              "software_statement needs an iat");
    CB_ENSURE(app->now - issued <= most, CB_E_REGISTRATION,
              "software_statement is older than %lld seconds: fetch a new one", (long long)most);
    return CB_OK;
}

static bool is_alphanumeric(struct cb_str s, size_t most)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = cb_ascii_lower((unsigned char)s.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return s.n >= 1 && s.n <= most;
}

static bool is_printable(struct cb_str s, size_t most)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= 0x20 || s.p[i] == 0x7f) {
            return false;
        }
    }
    return s.n >= 1 && s.n <= most;
}

static cb_status software(const struct cb_application *app, struct cb_err *err)
{
    const struct cb_str id = cb_application_software_id(app);
    if (app->scheme == CB_SCHEME_GENERIC) {
        CB_ENSURE(
            !cb_claims_has(app->statement.claims, "software_id") || is_printable(id, CB_LIMIT_CLIENT_ID),
            CB_E_REGISTRATION, "software_id of software_statement is not 1 to 128 printable characters");
    } else if (app->scheme == CB_SCHEME_OBUK) {
        CB_ENSURE(is_alphanumeric(id, OBUK_SOFTWARE_ID), CB_E_REGISTRATION,
                  "software_id of software_statement is not 1 to 22 letters and digits");
    } else {
        CB_ENSURE(is_printable(id, CB_LIMIT_CLIENT_ID), CB_E_REGISTRATION,
                  "software_id of software_statement is not 1 to 128 printable characters");
    }
    return CB_OK;
}

static cb_status organisation(const struct cb_application *app, struct cb_err *err)
{
    const struct cb_str id = cb_application_organisation_id(app);
    if (app->scheme == CB_SCHEME_OBUK) {
        CB_ENSURE(is_alphanumeric(id, OBUK_ORGANISATION_ID), CB_E_REGISTRATION,
                  "org_id of software_statement is not 1 to 18 letters and digits");
    } else {
        CB_ENSURE(is_printable(id, CB_LIMIT_CLIENT_ID), CB_E_REGISTRATION,
                  "org_id of software_statement is not 1 to 128 printable characters");
    }
    return CB_OK;
}

static cb_status organisation_active(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str status;
    CB_ENSURE(cb_json_get_str(app->statement.claims, "org_status", &status) && cb_str_is(status, "Active"),
              CB_E_REGISTRATION, "org_status of software_statement is not Active");
    return CB_OK;
}

static cb_status roles(const struct cb_application *app, struct cb_err *err)
{
    bool stated = false;
    struct cb_words words;
    CB_TRY(cb_application_roles(app, &stated, &words, err));
    CB_ENSURE(words.count > 0, CB_E_REGISTRATION, "software_statement has no active role");
    return CB_OK;
}

/* RFC 7592 section 2.2 replaces what a client is registered with, not who it is. */
static cb_status same_software(const struct cb_application *app, struct cb_err *err)
{
    const struct cb_client_record *r = app->registered;
    if (r == NULL) {
        return CB_OK;
    }
    CB_ENSURE(cb_str_is(r->directory, app->directory->name), CB_E_REGISTRATION,
              "this client was registered with a statement of another directory");
    CB_ENSURE(cb_str_eq(r->software_id, cb_application_software_id(app)), CB_E_REGISTRATION,
              "this client was registered with a statement of another software");
    return CB_OK;
}

/* What a directory took back stays taken back: an older statement may be valid for long. One of the same
 * second is as good. */
static cb_status newest(const struct cb_application *app, struct cb_err *err)
{
    int64_t issued = 0;
    (void)cb_claims_time(app->statement.claims, "iat", &issued);
    CB_ENSURE(app->registered == NULL || issued >= app->registered->statement_issued_at, CB_E_REGISTRATION,
              CB_STATEMENT_SUPERSEDED);
    return CB_OK;
}

enum { BANKING = CB_SCHEME_OBUK | CB_SCHEME_OFBR };

/* clang-format off */
static const struct cb_rule rules[] = {
    { "statement_algorithm", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, algorithm },
    { "statement_type", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, type },
    { "statement_signature", CB_SCHEMES_ALL, CB_HAS_STATEMENT_KEYS, CB_E_DCR_STATEMENT, signature },
    { "statement_expiry", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, expiry },
    { "statement_start", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, start },
    { "statement_age", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, age },
    { "statement_software", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, software },
    { "statement_organisation", BANKING, 0, CB_E_DCR_STATEMENT, organisation },
    { "statement_organisation_active", BANKING, 0, CB_E_DCR_STATEMENT, organisation_active },
    { "statement_roles", BANKING, 0, CB_E_DCR_STATEMENT, roles },
    { "statement_same_software", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, same_software },
    { "statement_newest", CB_SCHEMES_ALL, 0, CB_E_DCR_STATEMENT, newest },
};
/* clang-format on */
const struct cb_rule_table cb_rules_statement = { rules, CB_COUNT(rules) };
