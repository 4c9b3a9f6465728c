#include "admin/parts.h"
#include "base/limits.h"
#include "partner/client_json.h"

/* --- GET /admin/v1/clients --- */

struct list_form {
    struct cb_str after, limit, trust_group, directory, enabled;
};
static const struct cb_param params[] = {
    { .name = "after", .max = CB_LIMIT_CLIENT_ID, .offset = offsetof(struct list_form, after) },
    { .name = "limit", .max = 3, .offset = offsetof(struct list_form, limit) },
    { .name = "trust_group", .max = CB_LIMIT_NAME, .offset = offsetof(struct list_form, trust_group) },
    { .name = "directory", .max = CB_LIMIT_NAME, .offset = offsetof(struct list_form, directory) },
    { .name = "enabled", .max = 5, .offset = offsetof(struct list_form, enabled) },
};
const struct cb_param_table cb_admin_clients_params = {
    .params = params, .count = CB_COUNT(params), .form_size = sizeof(struct list_form), .closed = true
};

struct list {
    struct cb_admin_page page;
    struct cb_str last;
};

static cb_status add_client(void *ctx, const struct cb_client_record *c, struct cb_err *err)
{
    struct list *l = ctx;
    if (!cb_admin_page_takes(&l->page)) {
        return CB_OK;
    }
    cb_client_json(c, &l->page.json);
    l->last = cb_arena_str(l->page.rq->arena, c->client_id);
    CB_ENSURE(l->last.p != NULL, CB_E_MEMORY, "clients");
    return CB_OK;
}

static cb_status page_of(struct cb_request *rq, struct cb_client_page *out, struct cb_err *err)
{
    const struct list_form *f = rq->form;
    const bool yes = cb_str_is(f->enabled, "true"), no = cb_str_is(f->enabled, "false");
    CB_TRY(cb_admin_parameter(rq, f->enabled.n == 0 || yes || no, "enabled", "must be true or false", err));
    *out = (struct cb_client_page){ .after = f->after,
                                    .trust_group = f->trust_group,
                                    .directory = f->directory,
                                    .enabled = yes  ? CB_ONLY_ENABLED
                                               : no ? CB_ONLY_DISABLED
                                                    : CB_EITHER };
    return CB_OK;
}

cb_status cb_admin_clients_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                               struct cb_err *err)
{
    const struct list_form *f = rq->form;
    struct cb_client_page page;
    struct list l = { .last = { 0 } };
    CB_TRY(page_of(rq, &page, err));
    CB_TRY(cb_admin_page_begin(rq, "clients", f->limit, &l.page, err));
    page.limit = l.page.limit;
    CB_TRY(cb_store_client_page(cb_app_services(app)->store, &page, add_client, &l, err));
    return cb_admin_page_end(&l.page, l.last, out, err);
}

/* --- one client --- */

static cb_status reply_client(struct cb_request *rq, int status, const struct cb_client_record *c,
                              struct cb_reply *out, struct cb_err *err)
{
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "client");
    struct cb_json_out j = cb_json_out(text);
    cb_client_json(c, &j);
    CB_TRY(cb_admin_reply(status, text, out, err));
    out->etag = cb_admin_etag(rq, c->revision);
    CB_ENSURE(out->etag != NULL, CB_E_MEMORY, "client");
    return CB_OK;
}

static cb_status find(const struct cb_app *app, struct cb_request *rq, struct cb_client_record *out,
                      struct cb_err *err)
{
    struct cb_err why = { 0 };
    rq->audit.client_id = rq->path_params[0];
    CB_TRY(cb_admin_about(rq, "clients", rq->path_params[0], err));
    if (CB_FAILED(
            cb_store_client_get(cb_app_services(app)->store, rq->arena, rq->path_params[0], out, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    return CB_OK;
}

cb_status cb_admin_client_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                              struct cb_err *err)
{
    struct cb_client_record record = { .revision = 0 };
    CB_TRY(find(app, rq, &record, err));
    return reply_client(rq, 200, &record, out, err);
}

/* All that is wrong at once, in the words of the fields. */
static cb_status check(struct cb_request *rq, const struct cb_registration *r, struct cb_client_record *out,
                       struct cb_err *err)
{
    struct cb_buf problems CB_AUTO(cb_buf_done);
    struct cb_err why = { 0 };
    struct cb_str line, field;
    cb_buf_init(&problems, CB_MIB);
    if (!CB_FAILED(
            cb_registration_check(rq->arena, r, rq->snapshot->config, rq->now, out, &problems, &why))) {
        return CB_OK;
    }
    for (struct cb_str rest = cb_buf_str(&problems); problems.n > 0 && cb_str_next(&rest, '\n', &line);) {
        struct cb_str text = line;
        if (line.n > 0 && cb_str_next(&text, ':', &field) && text.n > 1) {
            char name[64], said[512];
            (void)snprintf(name, sizeof name, CB_STR_FMT, CB_STR_ARG(field));
            (void)snprintf(said, sizeof said, "%.*s", (int)(text.n - 1), text.p + 1);
            CB_TRY(cb_admin_problem(rq, name, said, err));
        }
    }
    return cb_admin_failed(rq, &why, err);
}

cb_status cb_admin_clients_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                struct cb_err *err)
{
    struct cb_registration r = { .client_id = { 0 } };
    struct cb_client_record record = { .revision = 0 };
    struct cb_err why = { 0 };
    bool enabled = true;
    CB_TRY(cb_admin_registration(rq, &r, &enabled, err));
    CB_TRY(check(rq, &r, &record, err));
    record.enabled = enabled;
    rq->audit.client_id = record.client_id;
    CB_TRY(cb_admin_about(rq, "clients", record.client_id, err));
    if (CB_FAILED(cb_store_client_add(cb_app_services(app)->store, &record, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    cb_app_settle(app, record.client_id, record.revision);
    CB_TRY(reply_client(rq, 201, &record, out, err));
    return cb_admin_location(rq, out, err);
}

cb_status cb_admin_client_put(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                              struct cb_err *err)
{
    struct cb_registration r = { .client_id = { 0 } };
    struct cb_client_record before = { .revision = 0 }, record = { .revision = 0 };
    struct cb_err why = { 0 };
    CB_TRY(find(app, rq, &before, err));
    CB_TRY(cb_admin_if_match(rq, before.revision, err));
    bool enabled = before.enabled;
    CB_TRY(cb_admin_registration(rq, &r, &enabled, err));
    if (r.client_id.n > 0 && !cb_str_eq(r.client_id, before.client_id)) {
        return cb_admin_refuse(rq, "client_id", "must be that of the path", err);
    }
    r.client_id = before.client_id;
    CB_TRY(check(rq, &r, &record, err));
    cb_registration_keep(&before, &record);
    record.enabled = enabled;
    if (CB_FAILED(cb_store_client_update(cb_app_services(app)->store, &record, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    record.revision++;
    cb_app_settle(app, record.client_id, record.revision);
    return reply_client(rq, 200, &record, out, err);
}

cb_status cb_admin_client_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                 struct cb_err *err)
{
    struct cb_client_record before = { .revision = 0 };
    struct cb_err why = { 0 };
    CB_TRY(find(app, rq, &before, err));
    CB_TRY(cb_admin_if_match(rq, before.revision, err));
    if (CB_FAILED(
            cb_store_client_remove(cb_app_services(app)->store, before.client_id, before.revision, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    cb_app_settle(app, before.client_id, 0);
    *out = (struct cb_reply){ .kind = CB_REPLY_EMPTY };
    return CB_OK;
}
