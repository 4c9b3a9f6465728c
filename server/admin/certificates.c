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
const struct cb_param_table cb_admin_certificates_params = { params, CB_COUNT(params), sizeof(struct form) };

struct list {
    struct cb_request *rq;
    struct cb_json_out json;
    int64_t count;
    struct cb_seen_certificate last;
};

static cb_status add(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    struct list *l = ctx;
    struct cb_x5t x5t;
    memcpy(x5t.b, c->x5t.p, sizeof x5t.b);
    cb_seen_json(c, cb_registry_is_revoked(l->rq->snapshot->registry, &x5t), l->rq->now, &l->json);
    l->count++;
    l->last = (struct cb_seen_certificate){ .client_id = cb_arena_str(l->rq->arena, c->client_id),
                                            .x5t = cb_arena_str(l->rq->arena, c->x5t),
                                            .not_after = c->not_after };
    CB_ENSURE(l->last.client_id.p != NULL && l->last.x5t.p != NULL, CB_E_MEMORY, "certificates");
    return CB_OK;
}

static bool number_of(struct cb_str text, int64_t *out)
{
    int64_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || n > INT64_MAX / 10 - 1) {
            return false;
        }
        n = n * 10 + (text.p[i] - '0');
    }
    *out = n;
    return text.n > 0;
}

/* "30d" */
static cb_status end_of(struct cb_str text, int64_t now, int64_t *out, struct cb_err *err)
{
    enum { DAY = 86400, MOST = 36500 };
    int64_t days = 0;
    if (text.n == 0) {
        return CB_OK;
    }
    CB_ENSURE(text.p[text.n - 1] == 'd' && number_of((struct cb_str){ text.p, text.n - 1 }, &days) &&
                  days <= MOST,
              CB_E_PARAMETER_MALFORMED, "expiring_within is no number of days, such as 30d");
    *out = now + days * DAY;
    return CB_OK;
}

/* "NOT_AFTER.X5T.CLIENT_ID": where a page ends. */
static cb_status place_of(struct cb_request *rq, struct cb_str text, struct cb_seen_certificate *out,
                          struct cb_err *err)
{
    struct cb_str end, x5t;
    size_t n = 0;
    if (text.n == 0) {
        return CB_OK;
    }
    uint8_t *digest = cb_arena_alloc(rq->arena, sizeof(struct cb_x5t));
    CB_ENSURE(digest != NULL, CB_E_MEMORY, "certificates");
    const bool good = cb_str_next(&text, '.', &end) && cb_str_next(&text, '.', &x5t) && text.n > 0 &&
                      number_of(end, &out->not_after) &&
                      !CB_FAILED(cb_base64url_decode(x5t, digest, sizeof(struct cb_x5t), &n, NULL)) &&
                      n == sizeof(struct cb_x5t);
    CB_ENSURE(good, CB_E_PARAMETER_MALFORMED, "after is not what a page before gave");
    out->x5t = (struct cb_str){ (const char *)digest, n };
    out->client_id = text;
    return CB_OK;
}

static void put_after(struct list *l, int64_t limit)
{
    cb_json_key(&l->json, "after");
    if (l->count < limit) {
        cb_json_null(&l->json);
        return;
    }
    char text[512];
    struct cb_buf b;
    cb_buf_over(&b, text, sizeof text);
    cb_buf_add_fmt(&b, "%lld.", (long long)l->last.not_after);
    cb_base64url_add(&b, l->last.x5t.p, l->last.x5t.n);
    cb_buf_add_char(&b, '.');
    cb_buf_add_str(&b, l->last.client_id);
    cb_json_str(&l->json, cb_buf_str(&b));
}

static cb_status list(const struct cb_app *app, struct cb_request *rq, struct cb_str client_id,
                      struct cb_reply *out, struct cb_err *err)
{
    const struct form *f = rq->form;
    struct cb_certificate_page page = { .client_id = client_id };
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "certificates");
    struct list l = { .rq = rq, .json = cb_json_out(text) };
    CB_TRY(cb_admin_limit(f->limit, &page.limit, err));
    CB_TRY(end_of(f->expiring_within, rq->now, &page.ends_before, err));
    CB_TRY(place_of(rq, f->after, &page.after, err));
    cb_json_open(&l.json, '{');
    cb_json_key(&l.json, "certificates");
    cb_json_open(&l.json, '[');
    CB_TRY(cb_store_certificate_page(cb_app_services(app)->store, &page, add, &l, err));
    cb_json_close(&l.json, ']');
    put_after(&l, page.limit);
    cb_json_close(&l.json, '}');
    return cb_admin_reply(200, text, out, err);
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
