#include "oauth/enrol.h"

#include "base/limits.h"
#include "oauth/client_auth.h"
#include "oauth/metadata.h"
#include "oauth/report.h"
#include "oauth/snapshot.h"
#include "onboarding/directories.h"
#include "onboarding/key_sources.h"
#include "onboarding/record.h"
#include "onboarding/replay.h"
#include "partner/peer.h"

enum { ANSWER_MAX = 128 * 1024, PROBLEMS_MAX = 16 * 1024, RETRY_KEYS_S = 60 };

/* Whoever writes True or 1 wants to ask, and would register. */
static bool is_boolean(struct cb_str text)
{
    return cb_str_is(text, "true") || cb_str_is(text, "false");
}

static const struct cb_param params[] = {
    { .name = "dry_run", .max = 8, .valid = is_boolean, .offset = offsetof(struct cb_enrol_form, dry_run) },
};
const struct cb_param_table cb_enrol_params = { .params = params,
                                                .count = CB_COUNT(params),
                                                .form_size = sizeof(struct cb_enrol_form) };

bool cb_enrol_is_dry_run(const struct cb_request *rq)
{
    const struct cb_enrol_form *f = rq->form;
    return cb_str_is(f->dry_run, "true");
}

/* --- what is found out before the rules judge --- */

static cb_status judge_certificate(struct cb_request *rq, struct cb_application *app, struct cb_err *err)
{
    const struct cb_str group = cb_str_of(app->directory->trust_group);
    CB_TRY(cb_peer_cert(rq->peer, &app->certificate, err));
    if (CB_FAILED(cb_certificate_judge(rq, group, cb_application_profile(app), &app->facts,
                                       &app->certificate_verdict))) {
        CB_ENSURE(cb_error_is_peers(app->certificate_verdict.code), app->certificate_verdict.code, "%.200s",
                  app->certificate_verdict.detail);
    }
    app->has |= CB_HAS_CERTIFICATE;
    return CB_OK;
}

static void auto_keys(struct cb_key_set **keys)
{
    cb_key_set_unref(*keys);
}

static cb_status directory_keys(const struct cb_services *s, const struct cb_snapshot *snapshot,
                                const struct cb_application *app, struct cb_key_set **out, struct cb_err *err)
{
    struct cb_key_set *keys = cb_directories_keys(snapshot->directories, app->directory);
    struct cb_err why = { 0 };
    if (keys != NULL) {
        *out = cb_key_set_ref(keys);
        return CB_OK;
    }
    if (!CB_FAILED(cb_key_sources_get(s->keys, app->directory->jwks, app->config->jwks_refresh_s,
                                      &app->statement, out, &why))) {
        return CB_OK;
    }
    /* Whatever is wrong with them, the partner cannot mend it. */
    CB_REFUSE(why.code == CB_E_DCR_STATEMENT ? CB_E_DCR_KEYS_UNAVAILABLE : why.code,
              "directory %.64s: %.140s", app->directory->name, why.detail);
}

static cb_status judge_statement(const struct cb_services *s, const struct cb_snapshot *snapshot,
                                 struct cb_application *app, struct cb_err *err)
{
    CB_AUTO(auto_keys) struct cb_key_set *keys = NULL;
    CB_TRY(directory_keys(s, snapshot, app, &keys, err));
    if (CB_FAILED(cb_signed_verify(&app->statement, keys, &app->statement_verdict))) {
        CB_ENSURE(cb_error_is_peers(app->statement_verdict.code), app->statement_verdict.code,
                  "software statement");
    }
    app->has |= CB_HAS_STATEMENT_KEYS;
    return CB_OK;
}

static cb_status text_of(struct cb_arena *a, struct cb_str s, const char **out, struct cb_err *err)
{
    *out = cb_arena_cstr(a, s);
    CB_ENSURE(*out != NULL, CB_E_MEMORY, "URL");
    return CB_OK;
}

/* Only the URL of a statement that verifies is fetched, and so only what a directory vouches for. */
static cb_status judge_request(const struct cb_services *s, struct cb_application *app, struct cb_err *err)
{
    CB_AUTO(auto_keys) struct cb_key_set *keys = NULL;
    const struct cb_str at = cb_application_request_keys_url(app);
    const char *url = NULL;
    if (!app->is_signed || app->statement_verdict.code != CB_E_NONE ||
        !cb_str_starts(at, CB_STR("https://"))) {
        app->has |= app->scheme == CB_SCHEME_OBUK ? 0 : CB_HAS_REQUEST_KEYS;
        return CB_OK;
    }
    CB_TRY(text_of(app->arena, at, &url, err));
    if (CB_FAILED(cb_key_sources_get(s->keys, url, app->config->jwks_refresh_s, &app->request, &keys,
                                     &app->request_verdict)) ||
        CB_FAILED(cb_signed_verify(&app->request, keys, &app->request_verdict))) {
        CB_ENSURE(cb_error_is_peers(app->request_verdict.code), app->request_verdict.code, "%.200s",
                  app->request_verdict.detail);
    }
    app->has |= CB_HAS_REQUEST_KEYS;
    return CB_OK;
}

/* The certificates of a self-signed client: those that its directory says are at jwks_uri. */
static cb_status fetch_client_keys(const struct cb_services *s, struct cb_application *app,
                                   struct cb_err *err)
{
    CB_AUTO(auto_keys) struct cb_key_set *keys = NULL;
    struct cb_err why = { 0 };
    const struct cb_str at = cb_application_client_keys_url(app);
    const char *url = NULL;
    if (at.n == 0 || app->statement_verdict.code != CB_E_NONE) {
        return CB_OK;
    }
    CB_TRY(text_of(app->arena, at, &url, err));
    if (CB_FAILED(cb_key_sources_get(s->keys, url, app->config->jwks_refresh_s, NULL, &keys, &why))) {
        CB_ENSURE(cb_error_is_peers(why.code), why.code, "%.200s", why.detail);
        return CB_OK; /* then the certificate is among none */
    }
    app->fetched_jwks = cb_arena_str(app->arena, cb_key_set_json(keys));
    CB_ENSURE(app->fetched_jwks.p != NULL, CB_E_MEMORY, "JWK set");
    return CB_OK;
}

static cb_status find_out(const struct cb_app *app, struct cb_request *rq, struct cb_application *a,
                          struct cb_err *err)
{
    const struct cb_services *s = cb_app_services(app);
    CB_TRY(judge_certificate(rq, a, err));
    CB_TRY(judge_statement(s, rq->snapshot, a, err));
    CB_TRY(judge_request(s, a, err));
    return fetch_client_keys(s, a, err);
}

static cb_status check_shape(struct cb_request *rq, struct cb_err *err)
{
    const struct cb_cert *cert = NULL;
    CB_ENSURE(rq->peer != NULL, CB_E_CERT_MISSING, "no client certificate on this connection");
    CB_TRY(cb_peer_cert(rq->peer, &cert, err));
    CB_ENSURE(rq->snapshot->registry != NULL, CB_E_HTTP_NOT_READY,
              "the clients have not been read from the store yet");
    rq->audit.x5t = cert->x5t;
    rq->audit.has_x5t = true;
    return CB_OK;
}

cb_status cb_enrol_judge(const struct cb_app *app, struct cb_request *rq,
                         const struct cb_client_record *registered, struct cb_enrolment *out,
                         struct cb_err *err)
{
    struct cb_application *a = &out->application;
    struct cb_err why = { 0 };
    CB_TRY(cb_app_snapshot(app, rq, err));
    CB_TRY(check_shape(rq, err));
    if (CB_FAILED(cb_application_read(rq->arena, rq->body, rq->body_type == CB_BODY_JOSE,
                                      rq->snapshot->config, rq->now, a, &why))) {
        CB_ENSURE(cb_error_is_peers(why.code), why.code, "%.200s", why.detail);
        return cb_report_add(&out->report, rq->arena, "application", why.code, why.detail, err);
    }
    a->registered = registered;
    if (CB_FAILED(find_out(app, rq, a, err))) {
        rq->retry_after_s = err->code == CB_E_DCR_KEYS_UNAVAILABLE ? RETRY_KEYS_S : 0;
        return CB_FAIL;
    }
    CB_TRY(cb_rules_judge(a, &out->report, err));
    return out->report.count == 0 ? cb_application_record(a, &out->report, &out->record, err) : CB_OK;
}

/* --- answers --- */

static cb_status answer(struct cb_request *rq, const struct cb_buf *b, int status, struct cb_reply *out,
                        struct cb_err *err)
{
    CB_TRY(cb_buf_check(b, err));
    const struct cb_str text = cb_arena_str(rq->arena, cb_buf_str(b));
    CB_ENSURE(text.p != NULL, CB_E_MEMORY, "answer");
    *out = (struct cb_reply){ .kind = CB_REPLY_JSON, .status = status, .text = text };
    return CB_OK;
}

cb_status cb_enrol_answer_dry_run(struct cb_request *rq, const struct cb_enrolment *e, struct cb_reply *out,
                                  struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, ANSWER_MAX);
    struct cb_json_out j = cb_json_out(&b);
    cb_report_write(&e->report, e->report.count == 0 ? &e->record : NULL, &j);
    rq->audit.nothing_done = true;
    return answer(rq, &b, 200, out, err);
}

static cb_status add_problem(struct cb_request *rq, const char *rule, const char *text, struct cb_err *err)
{
    if (rq->problems == NULL) {
        struct cb_buf *b = cb_arena_alloc(rq->arena, sizeof *b);
        char *memory = cb_arena_alloc(rq->arena, PROBLEMS_MAX);
        CB_ENSURE(b != NULL && memory != NULL, CB_E_MEMORY, "problems");
        cb_buf_over(b, memory, PROBLEMS_MAX);
        rq->problems = b;
    }
    cb_buf_add_fmt(rq->problems, "%s: %s\n", rule, text);
    return CB_OK;
}

cb_status cb_enrol_verdict(struct cb_request *rq, const struct cb_report *report, struct cb_err *err)
{
    for (size_t i = 0; i < report->count; i++) {
        CB_TRY(add_problem(rq, report->violations[i].rule, report->violations[i].text, err));
    }
    if (report->count > 0) {
        rq->audit.rule = report->violations[0].rule;
    }
    return cb_report_verdict(report, err);
}

cb_status cb_enrol_refuse(struct cb_request *rq, const char *rule, enum cb_code code, const char *text,
                          struct cb_err *err)
{
    CB_TRY(add_problem(rq, rule, text, err));
    rq->audit.rule = rule;
    CB_REFUSE(code, "%s: %s", rule, text);
}

cb_status cb_enrol_use_once(const struct cb_app *app, struct cb_request *rq, const struct cb_enrolment *e,
                            struct cb_err *err)
{
    struct cb_str jti = { 0 };
    int64_t until = 0;
    struct cb_err why = { 0 };
    if (!e->application.is_signed) {
        return CB_OK;
    }
    cb_application_use(&e->application, &jti, &until);
    if (!CB_FAILED(cb_replay_use(cb_app_services(app)->store, cb_application_software_id(&e->application),
                                 jti, until, rq->now, &why))) {
        return CB_OK;
    }
    CB_ENSURE(why.code == CB_E_DCR_METADATA, why.code, "%.200s", why.detail);
    return cb_enrol_refuse(rq, "request_once", why.code, why.detail, err);
}

static void put_uri(const struct cb_config *c, const struct cb_client_record *r, struct cb_buf *out)
{
    cb_buf_add_cstr(out, c->listeners[CB_LISTENER_MTLS].url);
    cb_buf_add_cstr(out, cb_issuer_path(c));
    cb_buf_add_cstr(out, "/register/");
    cb_buf_add_str(out, r->client_id); /* of characters that need no escape */
}

static void put_registration(const struct cb_config *c, const struct cb_client_record *r, struct cb_str token,
                             struct cb_json_out *j)
{
    char memory[CB_LIMIT_URL];
    struct cb_buf uri;
    cb_buf_over(&uri, memory, sizeof memory);
    put_uri(c, r, &uri);
    j->b->failed = j->b->failed || uri.failed;
    cb_json_open(j, '{');
    cb_json_put_str(j, "client_id", r->client_id);
    cb_json_put_int(j, "client_id_issued_at", r->created_at);
    cb_json_put_str(j, "registration_access_token", token);
    cb_json_put_str(j, "registration_client_uri", cb_buf_str(&uri));
    cb_application_describe(r, j);
    cb_json_close(j, '}');
}

cb_status cb_enrol_answer(struct cb_request *rq, const struct cb_client_record *r, struct cb_str token,
                          int status, struct cb_reply *out, struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, ANSWER_MAX);
    struct cb_json_out j = cb_json_out(&b);
    put_registration(rq->snapshot->config, r, token, &j);
    rq->audit.client_id = r->client_id;
    rq->audit.scope = r->scope;
    return answer(rq, &b, status, out, err);
}
