#include "onboarding/application.h"

#include "base/limits.h"
#include "onboarding/metadata.h"
#include "partner/client.h"

unsigned cb_scheme_of(struct cb_str name)
{
    static const struct {
        const char *name;
        unsigned scheme;
    } schemes[] = { { "generic", CB_SCHEME_GENERIC },
                    { "obuk", CB_SCHEME_OBUK },
                    { "ofbr", CB_SCHEME_OFBR } };
    for (size_t i = 0; i < CB_COUNT(schemes); i++) {
        if (cb_str_is(name, schemes[i].name)) {
            return schemes[i].scheme;
        }
    }
    return 0;
}

/* --- reading --- */

static cb_status read_asked(struct cb_application *app, struct cb_str body, struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (app->is_signed) {
        CB_ENSURE(!CB_FAILED(cb_signed_read(app->arena, body, &app->request, &why)), CB_E_DCR_METADATA,
                  "the signed request cannot be read: %.160s", why.detail);
        app->asked = app->request.claims;
        return CB_OK;
    }
    json_t *asked = NULL;
    CB_ENSURE(!CB_FAILED(cb_claims_parse(app->arena, body, &asked, &why)), CB_E_DCR_METADATA,
              "the body cannot be read: %.160s", why.detail);
    app->asked = asked;
    return CB_OK;
}

static cb_status read_statement(struct cb_application *app, struct cb_err *err)
{
    struct cb_err why = { 0 };
    struct cb_str text;
    CB_ENSURE(cb_claims_has(app->asked, "software_statement"), CB_E_DCR_STATEMENT,
              "software_statement is missing");
    CB_ENSURE(cb_json_get_str(app->asked, "software_statement", &text), CB_E_DCR_STATEMENT,
              "software_statement is not a string");
    CB_ENSURE(!CB_FAILED(cb_signed_read(app->arena, text, &app->statement, &why)), CB_E_DCR_STATEMENT,
              "software_statement cannot be read: %.160s", why.detail);
    return CB_OK;
}

static cb_status find_directory(struct cb_application *app, struct cb_err *err)
{
    struct cb_str issuer;
    CB_ENSURE(cb_json_get_str(app->statement.claims, "iss", &issuer), CB_E_DCR_STATEMENT,
              "software_statement has no iss");
    for (size_t i = 0; i < app->config->directory_count; i++) {
        if (cb_str_is(issuer, app->config->directories[i].issuer)) {
            app->directory = &app->config->directories[i];
            app->scheme = cb_scheme_of(cb_str_of(app->directory->profile));
        }
    }
    CB_ENSURE(app->scheme != 0, CB_E_DCR_UNAPPROVED, "the iss of software_statement is no directory of ours");
    return CB_OK;
}

cb_status cb_application_read(struct cb_arena *a, struct cb_str body, bool is_signed,
                              const struct cb_config *config, int64_t now, struct cb_application *out,
                              struct cb_err *err)
{
    struct cb_application app = { .arena = a, .now = now, .config = config, .is_signed = is_signed };
    CB_TRY(read_asked(&app, body, err));
    CB_TRY(read_statement(&app, err));
    CB_TRY(find_directory(&app, err));
    CB_TRY(cb_metadata_merge(a, app.asked, app.statement.claims, app.scheme, &app.metadata, err));
    *out = app;
    return CB_OK;
}

enum cb_profile cb_application_profile(const struct cb_application *app)
{
    const enum cb_profile own = cb_profile_of_group(app->config, cb_str_of(app->directory->trust_group));
    return own == CB_PROFILE_PLAIN && app->scheme != CB_SCHEME_GENERIC
               ? cb_profile_of(cb_str_of(app->directory->profile))
               : own;
}

/* --- what the statement says --- */

static struct cb_str claim(const struct cb_application *app, const char *name)
{
    struct cb_str text = { 0 };
    (void)cb_json_get_str(app->statement.claims, name, &text);
    return text;
}

struct cb_str cb_application_request_keys_url(const struct cb_application *app)
{
    return app->scheme == CB_SCHEME_OBUK ? claim(app, "software_jwks_endpoint") : (struct cb_str){ 0 };
}

struct cb_str cb_application_client_keys_url(const struct cb_application *app)
{
    struct cb_str method = { 0 };
    (void)cb_json_get_str(app->metadata, "token_endpoint_auth_method", &method);
    const bool self_signed = cb_auth_method_of(method) == CB_AUTH_SELF_SIGNED_TLS_CLIENT;
    return self_signed && app->scheme == CB_SCHEME_GENERIC ? claim(app, "jwks_uri") : (struct cb_str){ 0 };
}

void cb_application_use(const struct cb_application *app, struct cb_str *out_jti, int64_t *out_until)
{
    (void)cb_json_get_str(app->asked, "jti", out_jti);
    (void)cb_claims_time(app->asked, "exp", out_until);
}

struct cb_str cb_application_software_id(const struct cb_application *app)
{
    return claim(app, "software_id");
}

struct cb_str cb_application_organisation_id(const struct cb_application *app)
{
    return claim(app, "org_id");
}

static cb_status words_of(const struct cb_application *app, size_t most, struct cb_words *out,
                          struct cb_err *err)
{
    out->w = cb_arena_array(app->arena, most, sizeof *out->w);
    CB_ENSURE(out->w != NULL, CB_E_MEMORY, "words");
    out->count = 0;
    return CB_OK;
}

/* Brazil: [{"role": "DADOS", "status": "Active"}, ...]; a role that is not active counts for nothing. */
static cb_status active_roles(const json_t *roles, struct cb_words *out, struct cb_err *err)
{
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const json_t *entry = json_array_get(roles, i);
        struct cb_str role, status;
        CB_ENSURE(cb_json_get_str(entry, "role", &role) && cb_json_get_str(entry, "status", &status),
                  CB_E_DCR_STATEMENT, "software_statement_roles[%zu] has no role or no status", i);
        if (cb_str_is(status, "Active")) {
            out->w[out->count++] = role;
        }
    }
    return CB_OK;
}

cb_status cb_application_roles(const struct cb_application *app, bool *out_stated, struct cb_words *out,
                               struct cb_err *err)
{
    const json_t *claims = app->statement.claims;
    const bool detailed = app->scheme == CB_SCHEME_OFBR && cb_claims_has(claims, "software_statement_roles");
    const char *name = detailed ? "software_statement_roles" : "software_roles";
    const json_t *roles = json_object_get(claims, name);
    *out_stated = cb_claims_has(claims, name);
    CB_TRY(words_of(app, CB_LIMIT_ROLES, out, err));
    if (!*out_stated) {
        return CB_OK;
    }
    CB_ENSURE(json_is_array(roles) && json_array_size(roles) <= CB_LIMIT_ROLES, CB_E_DCR_STATEMENT,
              "%s is not an array of at most %d roles", name, CB_LIMIT_ROLES);
    if (detailed) {
        return active_roles(roles, out, err);
    }
    for (size_t i = 0; i < json_array_size(roles); i++) {
        CB_ENSURE(json_is_string(json_array_get(roles, i)), CB_E_DCR_STATEMENT, "%s[%zu] is not a string",
                  name, i);
        out->w[out->count++] = cb_claims_word(roles, i);
    }
    return CB_OK;
}

/* --- scope --- */

static bool role_allows(const struct cb_config_role *role, struct cb_str scope)
{
    for (size_t i = 0; i < role->scope_count; i++) {
        if (cb_str_is(scope, role->scopes[i])) {
            return true;
        }
    }
    return false;
}

static bool is_allowed(const struct cb_config *c, const struct cb_words *roles, struct cb_str scope)
{
    for (size_t i = 0; i < c->role_count; i++) {
        for (size_t k = 0; k < roles->count; k++) {
            if (cb_str_is(roles->w[k], c->roles[i].role) && role_allows(&c->roles[i], scope)) {
                return true;
            }
        }
    }
    return false;
}

static void keep_allowed(const struct cb_config *c, const struct cb_words *roles, struct cb_words *inout)
{
    size_t kept = 0;
    for (size_t i = 0; i < inout->count; i++) {
        if (is_allowed(c, roles, inout->w[i])) {
            inout->w[kept++] = inout->w[i];
        }
    }
    inout->count = kept;
}

static bool is_among(const struct cb_words *words, struct cb_str word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (cb_str_eq(words->w[i], word)) {
            return true;
        }
    }
    return false;
}

static bool was_asked(struct cb_str asked, struct cb_str scope)
{
    struct cb_str word;
    for (struct cb_str rest = asked; asked.n > 0 && cb_str_next(&rest, ' ', &word);) {
        if (cb_str_eq(word, scope)) {
            return true;
        }
    }
    return false;
}

cb_status cb_application_scope(const struct cb_application *app, struct cb_words *out, struct cb_err *err)
{
    const struct cb_config *c = app->config;
    struct cb_words roles;
    struct cb_str asked = { 0 };
    bool stated = false;
    CB_TRY(cb_application_roles(app, &stated, &roles, err));
    CB_TRY(words_of(app, CB_LIMIT_SCOPES, out, err));
    const bool any = !cb_json_get_str(app->metadata, "scope", &asked) && stated;
    for (size_t r = 0; r < c->resource_count; r++) {
        for (size_t i = 0; i < c->resources[r].scope_count && out->count < CB_LIMIT_SCOPES; i++) {
            const struct cb_str scope = cb_str_of(c->resources[r].scopes[i]);
            if ((any || was_asked(asked, scope)) && !is_among(out, scope)) {
                out->w[out->count++] = scope;
            }
        }
    }
    if (stated || app->scheme != CB_SCHEME_GENERIC) {
        keep_allowed(c, &roles, out);
    }
    return CB_OK;
}
