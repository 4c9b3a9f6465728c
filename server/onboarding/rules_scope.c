/* What the client may be allowed at all: RFC 7591 section 2; the roles of the software statement and of the
 * certificate, both. */
#include "onboarding/rules.h"
#include "partner/roles.h"

/* Belongs to OpenID Connect, which has no say here yet: asked for by habit, it does no harm and is left out.
 */
#define OPENID "openid"

/* scope-token = 1*( %x21 / %x23-5B / %x5D-7E ): RFC 6749 section 3.3 */
static bool is_scope_token(struct cb_str word)
{
    for (size_t i = 0; i < word.n; i++) {
        const unsigned char c = (unsigned char)word.p[i];
        if (c < 0x21 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return word.n > 0;
}

static cb_status form(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str text, word;
    if (!cb_claims_has(app->metadata, "scope")) {
        return CB_OK;
    }
    CB_ENSURE(cb_json_get_str(app->metadata, "scope", &text) && text.n <= CB_LIMIT_SCOPE, CB_E_REGISTRATION,
              "scope is not a string of at most %d bytes", CB_LIMIT_SCOPE);
    for (struct cb_str rest = text; cb_str_next(&rest, ' ', &word);) {
        CB_ENSURE(is_scope_token(word), CB_E_REGISTRATION, "scope must be words separated by single spaces");
    }
    return CB_OK;
}

static bool is_known(const struct cb_config *c, struct cb_str scope)
{
    for (size_t r = 0; r < c->resource_count; r++) {
        for (size_t i = 0; i < c->resources[r].scope_count; i++) {
            if (cb_str_is(scope, c->resources[r].scopes[i])) {
                return true;
            }
        }
    }
    return cb_str_is(scope, OPENID);
}

static cb_status known(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str text = { 0 }, word;
    size_t i = 0;
    (void)cb_json_get_str(app->metadata, "scope", &text);
    for (struct cb_str rest = text; text.n > 0 && cb_str_next(&rest, ' ', &word);) {
        i++;
        CB_ENSURE(is_known(app->config, word), CB_E_REGISTRATION,
                  "word %zu of scope does not exist on this server", i);
    }
    return CB_OK;
}

static cb_status allowed(const struct cb_application *app, struct cb_err *err)
{
    struct cb_words scope;
    CB_TRY(cb_application_scope(app, &scope, err));
    CB_ENSURE(scope.count > 0, CB_E_REGISTRATION,
              app->scheme == CB_SCHEME_GENERIC ? "scope names nothing that this client may have"
                                               : "the roles of software_statement allow nothing of scope");
    return CB_OK;
}

/* Judged again at every token, by the certificate of that connection. */
static cb_status certificate_role(const struct cb_application *app, struct cb_err *err)
{
    struct cb_words scope;
    CB_TRY(cb_application_scope(app, &scope, err));
    bool any = scope.count == 0 || app->certificate_verdict.code != CB_E_NONE; /* another rule's business */
    for (size_t i = 0; i < scope.count; i++) {
        any = any || cb_roles_allow(app->config, &app->facts, scope.w[i]);
    }
    CB_ENSURE(any, CB_E_REGISTRATION,
              "the roles of the client certificate allow nothing of what would be registered");
    return CB_OK;
}

/* clang-format off */
static const struct cb_rule rules[] = {
    { "scope_form", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, form },
    { "scope_known", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, known },
    { "scope_allowed", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, allowed },
    { "scope_of_certificate", CB_SCHEMES_ALL, CB_HAS_CERTIFICATE, CB_E_DCR_METADATA, certificate_role },
};
/* clang-format on */
const struct cb_rule_table cb_rules_scope = { rules, CB_COUNT(rules) };
