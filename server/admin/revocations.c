#include "admin/parts.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cert/cert.h"
#include "jose/base64url.h"
#include "partner/revoked.h"

/* --- GET --- */

struct form {
    struct cb_str after, limit, client_id;
};
static const struct cb_param params[] = {
    { .name = "after", .max = 80, .offset = offsetof(struct form, after) },
    { .name = "limit", .max = 3, .offset = offsetof(struct form, limit) },
    { .name = "client_id", .max = CB_LIMIT_CLIENT_ID, .offset = offsetof(struct form, client_id) },
};
const struct cb_param_table cb_admin_revocations_params = {
    .params = params, .count = CB_COUNT(params), .form_size = sizeof(struct form), .closed = true
};

struct list {
    struct cb_admin_page page;
    int64_t revoked_at; /* of the last one */
    struct cb_x5t x5t;
};

static cb_status add(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    struct list *l = ctx;
    (void)err;
    if (cb_admin_page_takes(&l->page)) {
        cb_revocation_json(r, &l->page.json);
        l->revoked_at = r->revoked_at;
        memcpy(l->x5t.b, r->x5t.p, sizeof l->x5t.b);
    }
    return CB_OK;
}

/* "REVOKED_AT.X5T": where a page ends. */
static cb_status place_of(struct cb_request *rq, struct cb_str text, struct cb_x5t *x5t,
                          struct cb_revocation_record *out, struct cb_err *err)
{
    struct cb_str at;
    if (text.n == 0) {
        return CB_OK;
    }
    const bool good =
        cb_str_next(&text, '.', &at) && cb_admin_number(at, &out->revoked_at) && cb_admin_digest(text, x5t);
    CB_TRY(cb_admin_parameter(rq, good, "after", "must be what a page before gave", err));
    out->x5t = (struct cb_str){ (const char *)x5t->b, sizeof x5t->b };
    return CB_OK;
}

cb_status cb_admin_revocations_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                   struct cb_err *err)
{
    const struct form *f = rq->form;
    struct cb_revocation_page page = { .client_id = f->client_id };
    struct cb_x5t behind = { .b = { 0 } };
    struct list l = { .revoked_at = 0 };
    char x5t[CB_X5T_TEXT], after[80];
    CB_TRY(place_of(rq, f->after, &behind, &page.after, err));
    CB_TRY(cb_admin_page_begin(rq, "revocations", f->limit, &l.page, err));
    page.limit = l.page.limit;
    CB_TRY(cb_store_revocation_page(cb_app_services(app)->store, &page, add, &l, err));
    cb_x5t_text(&l.x5t, x5t);
    (void)snprintf(after, sizeof after, "%lld.%s", (long long)l.revoked_at, x5t);
    return cb_admin_page_end(&l.page, cb_str_of(after), out, err);
}

/* --- POST --- */

/* As sent; p == NULL: absent. */
struct sent {
    struct cb_str x5t, certificate, not_after, reason;
};

static const struct cb_admin_member members[] = {
    { "x5t#S256", offsetof(struct sent, x5t) },
    { "certificate", offsetof(struct sent, certificate) },
    { "not_after", offsetof(struct sent, not_after) },
    { "reason", offsetof(struct sent, reason) },
};

static cb_status read_pem(struct cb_request *rq, struct cb_str pem, struct cb_revocation_wish *out,
                          struct cb_err *err)
{
    struct cb_str *ders = NULL;
    struct cb_cert cert = { .not_after = 0 };
    size_t count = 0;
    CB_TRY(cb_cert_pem_bundle(rq->arena, pem, &ders, &count, err));
    CB_ENSURE(count >= 1, CB_E_CERT_MALFORMED, "no certificate");
    CB_TRY(cb_cert_parse(rq->arena, ders[0], &cert, err));
    out->x5t = cert.x5t;
    out->not_after = cert.not_after;
    return CB_OK;
}

/* One that has ended already would be forgotten with the next revocation: then it is a mistake. */
static bool read_end(const struct cb_request *rq, struct cb_str text, int64_t *out)
{
    return text.p == NULL || (cb_time_of(text.p, text.n, out) && *out > rq->now);
}

static cb_status read_wish(struct cb_request *rq, struct cb_revocation_wish *out, struct cb_err *err)
{
    struct sent s = { .x5t = { 0 } };
    bool known = false;
    CB_TRY(cb_admin_members(rq, members, CB_COUNT(members), &s, &known, err));
    if (!known || (s.x5t.p == NULL) == (s.certificate.p == NULL) ||
        (s.certificate.p != NULL && s.not_after.p != NULL)) {
        return cb_admin_refuse(
            rq, "body",
            "give x5t#S256, and not_after if you can, or certificate (PEM); and reason; each "
            "a string, nothing else",
            err);
    }
    if (s.x5t.p != NULL && !cb_admin_digest(s.x5t, &out->x5t)) {
        return cb_admin_refuse(rq, "x5t#S256",
                               "must be the SHA-256 of the certificate in base64url, 43 characters", err);
    }
    if (s.certificate.p != NULL && CB_FAILED(read_pem(rq, s.certificate, out, NULL))) {
        return cb_admin_refuse(rq, "certificate", "must be a certificate in PEM", err);
    }
    if (!read_end(rq, s.not_after, &out->not_after)) {
        return cb_admin_refuse(rq, "not_after", "must be a time to come, such as 2030-01-31T23:59:59Z", err);
    }
    out->reason = s.reason;
    return s.reason.n <= CB_LIMIT_REASON ? CB_OK
                                         : cb_admin_refuse(rq, "reason", "is longer than 200 bytes", err);
}

static cb_status about(struct cb_request *rq, const struct cb_x5t *x5t, struct cb_err *err)
{
    char text[CB_X5T_TEXT];
    cb_x5t_text(x5t, text);
    return cb_admin_about(rq, "revocations", cb_str_of(text), err);
}

cb_status cb_admin_revocations_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    struct cb_revocation_wish wish = { .not_after = 0 };
    struct cb_revocation_record r = { .revoked_at = 0 };
    struct cb_err why = { 0 };
    CB_TRY(read_wish(rq, &wish, err));
    CB_TRY(about(rq, &wish.x5t, err));
    if (CB_FAILED(cb_certificate_revoke(cb_app_services(app)->store, rq->snapshot->trust, rq->arena, &wish,
                                        rq->now, &r, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    rq->audit.client_id = r.client_id;
    cb_store_wake(cb_app_services(app)->store); /* the follower looks at once */
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "revocation");
    struct cb_json_out j = cb_json_out(text);
    cb_revocation_json(&r, &j);
    return cb_admin_reply(201, text, out, err);
}

/* --- DELETE --- */

cb_status cb_admin_revocation_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                     struct cb_err *err)
{
    struct cb_x5t x5t = { .b = { 0 } };
    struct cb_err why = { 0 };
    CB_ENSURE(cb_admin_digest(rq->path_params[0], &x5t), CB_E_ADMIN_NOT_FOUND, "not a thumbprint");
    CB_TRY(about(rq, &x5t, err));
    if (CB_FAILED(cb_store_revocation_remove(cb_app_services(app)->store,
                                             (struct cb_str){ (const char *)x5t.b, sizeof x5t.b }, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    cb_store_wake(cb_app_services(app)->store);
    *out = (struct cb_reply){ .kind = CB_REPLY_EMPTY };
    return CB_OK;
}
