#include "admin/parts.h"
#include "base/limits.h"
#include "jose/base64url.h"
#include "partner/client_json.h"

/* The certificates that clients were seen with or have registered, those that end first first. */

struct form {
    struct cb_str after, limit, expiring_within;
};
static const struct cb_param params[] = {
    { .name = "after", .max = 256, .offset = offsetof(struct form, after) },
    { .name = "limit", .max = 3, .offset = offsetof(struct form, limit) },
    { .name = "expiring_within", .max = 8, .offset = offsetof(struct form, expiring_within) },
};
const struct cb_param_table cb_admin_certificates_params = {
    .params = params, .count = CB_COUNT(params), .form_size = sizeof(struct form), .closed = true
};

struct list {
    struct cb_admin_page page;
    struct cb_seen_certificate last;
};

static cb_status add(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    struct list *l = ctx;
    const struct cb_request *rq = l->page.rq;
    struct cb_x5t x5t;
    if (!cb_admin_page_takes(&l->page)) {
        return CB_OK;
    }
    memcpy(x5t.b, c->x5t.p, sizeof x5t.b);
    cb_seen_json(c, cb_registry_is_revoked(rq->snapshot->registry, &x5t), rq->now, &l->page.json);
    l->last = (struct cb_seen_certificate){ .client_id = cb_arena_str(rq->arena, c->client_id),
                                            .x5t = cb_arena_str(rq->arena, c->x5t),
                                            .not_after = c->not_after };
    CB_ENSURE(l->last.client_id.p != NULL && l->last.x5t.p != NULL, CB_E_MEMORY, "certificates");
    return CB_OK;
}

/* "30d" */
static cb_status end_of(struct cb_request *rq, struct cb_str text, int64_t now, int64_t *out,
                        struct cb_err *err)
{
    enum { DAY = 86400, MOST = 36500 };
    int64_t days = 0;
    if (text.n == 0) {
        return CB_OK;
    }
    const bool good = text.p[text.n - 1] == 'd' &&
                      cb_admin_number((struct cb_str){ text.p, text.n - 1 }, &days) && days <= MOST;
    CB_TRY(cb_admin_parameter(rq, good, "expiring_within", "must be a number of days, such as 30d", err));
    *out = now + days * DAY + 1;
    return CB_OK;
}

/* Seconds, below 0 before 1970. */
static bool time_of(struct cb_str text, int64_t *out)
{
    const bool negative = cb_str_starts(text, CB_STR("-"));
    const struct cb_str digits = { text.p + negative, text.n - negative };
    if (!cb_admin_number(digits, out)) {
        return false;
    }
    *out = negative ? -*out : *out;
    return true;
}

/* "NOT_AFTER.X5T.CLIENT_ID": where a page ends. */
static cb_status place_of(struct cb_request *rq, struct cb_str text, struct cb_seen_certificate *out,
                          struct cb_err *err)
{
    struct cb_str end, x5t;
    if (text.n == 0) {
        return CB_OK;
    }
    struct cb_x5t *digest = cb_arena_alloc(rq->arena, sizeof *digest);
    CB_ENSURE(digest != NULL, CB_E_MEMORY, "certificates");
    const bool good = cb_str_next(&text, '.', &end) && cb_str_next(&text, '.', &x5t) && text.n > 0 &&
                      time_of(end, &out->not_after) && cb_admin_digest(x5t, digest);
    CB_TRY(cb_admin_parameter(rq, good, "after", "must be what a page before gave", err));
    out->x5t = (struct cb_str){ (const char *)digest->b, sizeof digest->b };
    out->client_id = text;
    return CB_OK;
}

static cb_status end_page(struct list *l, struct cb_reply *out, struct cb_err *err)
{
    char text[512];
    struct cb_buf b;
    cb_buf_over(&b, text, sizeof text);
    cb_buf_add_fmt(&b, "%lld.", (long long)l->last.not_after);
    cb_base64url_add(&b, l->last.x5t.p, l->last.x5t.n);
    cb_buf_add_char(&b, '.');
    cb_buf_add_str(&b, l->last.client_id);
    CB_TRY(cb_buf_check(&b, err));
    return cb_admin_page_end(&l->page, cb_buf_str(&b), out, err);
}

static cb_status list(const struct cb_app *app, struct cb_request *rq, struct cb_str client_id,
                      struct cb_reply *out, struct cb_err *err)
{
    const struct form *f = rq->form;
    struct cb_certificate_page page = { .client_id = client_id };
    struct list l = { .last = { .not_after = 0 } };
    CB_TRY(end_of(rq, f->expiring_within, rq->now, &page.ends_before, err));
    CB_TRY(place_of(rq, f->after, &page.after, err));
    CB_TRY(cb_admin_page_begin(rq, "certificates", f->limit, &l.page, err));
    page.limit = l.page.limit;
    CB_TRY(cb_store_certificate_page(cb_app_services(app)->store, &page, add, &l, err));
    return end_page(&l, out, err);
}

cb_status cb_admin_certificates_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    return list(app, rq, (struct cb_str){ 0 }, out, err);
}

cb_status cb_admin_client_certificates_get(const struct cb_app *app, struct cb_request *rq,
                                           struct cb_reply *out, struct cb_err *err)
{
    rq->audit.client_id = rq->path_params[0];
    CB_ENSURE(cb_registry_find(rq->snapshot->registry, rq->path_params[0]) != NULL, CB_E_ADMIN_NOT_FOUND,
              "no such client");
    return list(app, rq, rq->path_params[0], out, err);
}
