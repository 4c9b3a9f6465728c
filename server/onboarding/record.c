#include "onboarding/record.h"

#include "onboarding/keys.h"
#include "onboarding/metadata.h"
#include "partner/identity.h"
#include "partner/registration.h"

static struct cb_str text_of(const json_t *o, const char *name)
{
    struct cb_str text = { 0 };
    (void)cb_json_get_str(o, name, &text);
    return text;
}

static bool is_self_signed(const struct cb_application *app)
{
    return cb_auth_method_of(text_of(app->metadata, "token_endpoint_auth_method")) ==
           CB_AUTH_SELF_SIGNED_TLS_CLIENT;
}

/* --- what is kept beside the record's own fields --- */

static cb_status keep(json_t *kept, const char *name, json_t *value, struct cb_err *err)
{
    CB_ENSURE(value == NULL || json_object_set(kept, name, value) == 0, CB_E_MEMORY, "client metadata");
    return CB_OK;
}

/* Keys that do not authenticate the client are only kept; those that do have fields of their own. */
static bool is_kept(const struct cb_metadata *m, bool self_signed)
{
    const bool keys = cb_str_is(cb_str_of(m->name), "jwks") || cb_str_is(cb_str_of(m->name), "jwks_uri");
    return m->kept || (keys && !self_signed);
}

static cb_status kept_metadata(const struct cb_application *app, struct cb_str *out, struct cb_err *err)
{
    json_t *kept = json_object();
    CB_TRY(cb_claims_own(app->arena, kept, err));
    for (size_t i = 0; i < cb_metadata_count; i++) {
        const struct cb_metadata *m = &cb_metadata_table[i];
        if (is_kept(m, is_self_signed(app))) {
            CB_TRY(keep(kept, m->name, json_object_get(app->metadata, m->name), err));
        }
    }
    CB_TRY(keep(kept, "software_statement", json_object_get(app->asked, "software_statement"), err));
    return cb_claims_text(app->arena, kept, out, err);
}

/* --- the registry's own checks --- */

static cb_status ask(const struct cb_application *app, struct cb_registration *out, struct cb_err *err)
{
    struct cb_words scope;
    CB_TRY(cb_application_scope(app, &scope, err));
    out->scope = cb_arena_join(app->arena, scope.w, scope.count);
    CB_ENSURE(out->scope.p != NULL, CB_E_MEMORY, "scope");
    out->client_name = text_of(app->metadata, "client_name");
    out->software_id = cb_application_software_id(app);
    out->organisation_id = cb_application_organisation_id(app);
    if (app->registered != NULL) {
        out->client_id = app->registered->client_id;
    }
    if (is_self_signed(app)) {
        out->jwks_uri = text_of(app->metadata, "jwks_uri");
        return cb_application_jwks(app, &out->jwks, err);
    }
    out->trust_group = cb_str_of(app->directory->trust_group);
    for (enum cb_subject_kind k = CB_SUBJECT_DN; k < CB_SUBJECT__MAX; k++) {
        out->subjects[k] = text_of(app->metadata, cb_subject_kind_name(k));
    }
    return CB_OK;
}

static cb_status report_lines(const struct cb_application *app, struct cb_str lines, struct cb_report *report,
                              struct cb_err *err)
{
    struct cb_str line;
    for (struct cb_str rest = lines; lines.n > 0 && cb_str_next(&rest, '\n', &line);) {
        const char *text = line.n == 0 ? NULL : cb_arena_cstr(app->arena, line);
        if (line.n > 0) {
            CB_ENSURE(text != NULL, CB_E_MEMORY, "report");
            CB_TRY(cb_report_add(report, app->arena, "registration", CB_E_DCR_METADATA, text, err));
        }
    }
    return CB_OK;
}

static cb_status check(const struct cb_application *app, struct cb_report *report,
                       struct cb_client_record *out, struct cb_err *err)
{
    struct cb_registration asked = { .scope = { NULL, 0 } };
    struct cb_err why = { 0 };
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&problems, 16 * CB_KIB);
    CB_TRY(ask(app, &asked, err));
    if (!CB_FAILED(cb_registration_check(app->arena, &asked, app->config, app->now, out, &problems, &why))) {
        return CB_OK;
    }
    CB_ENSURE(why.code == CB_E_REGISTRATION, why.code, "%.200s", why.detail);
    return report_lines(app, cb_buf_str(&problems), report, err);
}

cb_status cb_application_record(const struct cb_application *app, struct cb_report *report,
                                struct cb_client_record *out, struct cb_err *err)
{
    struct cb_client_record record = { .revision = 1 };
    struct cb_words roles;
    bool stated = false;
    const size_t before = report->count;
    CB_TRY(check(app, report, &record, err));
    CB_TRY(cb_application_roles(app, &stated, &roles, err));
    record.roles = cb_arena_join(app->arena, roles.w, roles.count);
    CB_ENSURE(record.roles.p != NULL, CB_E_MEMORY, "roles");
    CB_TRY(kept_metadata(app, &record.metadata, err));
    if (record.metadata.n > CB_LIMIT_METADATA) {
        CB_TRY(cb_report_add(report, app->arena, "metadata_size", CB_E_DCR_METADATA,
                             "the metadata and the software_statement together are larger than 16384 bytes",
                             err));
    }
    record.directory = cb_str_of(app->directory->name);
    if (record.subject_kind.n == 0 && app->certificate != NULL) {
        CB_TRY(cb_identity_of_keys(app->arena, &record, &app->certificate->x5t, &record.identity, err));
    }
    (void)cb_claims_time(app->statement.claims, "iat", &record.statement_issued_at);
    (void)cb_claims_time(app->statement.claims, "exp", &record.statement_expires_at);
    if (app->registered != NULL) {
        record.created_at = app->registered->created_at;
        record.revision = app->registered->revision;
        record.enabled = app->registered->enabled;
        record.issuer_key = app->registered->issuer_key;
    }
    if (report->count == before) {
        *out = record;
    }
    return CB_OK;
}

/* --- the answer --- */

static void put_words(struct cb_json_out *j, const char *key, struct cb_str words)
{
    struct cb_str word;
    cb_json_key(j, key);
    cb_json_open(j, '[');
    for (struct cb_str rest = words; words.n > 0 && cb_str_next(&rest, ' ', &word);) {
        cb_json_str(j, word);
    }
    cb_json_close(j, ']');
}

static void put_text(struct cb_json_out *j, const char *key, struct cb_str text)
{
    if (text.n > 0) {
        cb_json_put_str(j, key, text);
    }
}

/* No grant that uses the authorization endpoint is registered, so neither is a response type; left out, it
 * would mean `code` (RFC 7591 section 2). */
void cb_application_describe(const struct cb_client_record *r, struct cb_json_out *j)
{
    cb_json_put_str(j, "token_endpoint_auth_method", r->auth_method);
    put_words(j, "grant_types", r->grant_types);
    put_words(j, "response_types", (struct cb_str){ 0 });
    cb_json_put_str(j, "scope", r->scope);
    cb_json_put_bool(j, "tls_client_certificate_bound_access_tokens", true);
    put_text(j, "client_name", r->client_name);
    put_text(j, "software_id", r->software_id);
    put_text(j, "jwks_uri", r->jwks_uri);
    if (r->jwks.n > 0 && r->jwks_uri.n == 0) {
        cb_json_key(j, "jwks");
        cb_json_raw(j, r->jwks);
    }
    if (r->metadata.n > 2) {
        cb_json_raw(j, (struct cb_str){ r->metadata.p + 1, r->metadata.n - 2 }); /* without its braces */
    }
}
