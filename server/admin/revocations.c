#include "admin/parts.h"
#include "base/limits.h"
#include "cert/cert.h"
#include "jose/base64url.h"

#define YEAR_9999 INT64_C(253402300799) /* where the certificate's end is not known */

/* --- GET --- */

static cb_status add(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    struct cb_json_out *j = ctx;
    char x5t[CB_X5T_TEXT] = "";
    (void)err;
    cb_base64url_encode(r->x5t.p, r->x5t.n, x5t);
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "x5t#S256", x5t);
    if (r->client_id.n > 0) {
        cb_json_put_str(j, "client_id", r->client_id);
    }
    cb_json_put_str(j, "reason", r->reason);
    cb_json_put_time(j, "revoked_at", r->revoked_at);
    cb_json_put_time(j, "expires_at", r->expires_at);
    cb_json_close(j, '}');
    return CB_OK;
}

cb_status cb_admin_revocations_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                   struct cb_err *err)
{
    int64_t generation = 0;
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "revocations");
    struct cb_json_out j = cb_json_out(text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "revocations");
    cb_json_open(&j, '[');
    CB_TRY(cb_store_read_registry(cb_app_services(app)->store,
                                  &(struct cb_registry_reader){ .revocation = add, .ctx = &j }, &generation,
                                  err));
    cb_json_close(&j, ']');
    cb_json_put_int(&j, "generation", generation);
    cb_json_close(&j, '}');
    return cb_admin_reply(200, text, out, err);
}

/* --- POST --- */

struct named {
    struct cb_x5t x5t;
    int64_t not_after;
    struct cb_str client_id, reason;
};

static cb_status digest_of(struct cb_str text, struct cb_x5t *out, struct cb_err *err)
{
    size_t n = 0;
    CB_TRY(cb_base64url_decode(text, out->b, sizeof out->b, &n, err));
    CB_ENSURE(n == sizeof out->b, CB_E_BASE64URL, "a thumbprint of %zu bytes", n);
    return CB_OK;
}

static cb_status read_pem(struct cb_request *rq, struct cb_str pem, struct named *n, struct cb_err *err)
{
    struct cb_str *ders = NULL;
    struct cb_cert cert = { .not_after = 0 };
    size_t count = 0;
    CB_TRY(cb_cert_pem_bundle(rq->arena, pem, &ders, &count, err));
    CB_ENSURE(count >= 1, CB_E_CERT_MALFORMED, "no certificate");
    CB_TRY(cb_cert_parse(rq->arena, ders[0], &cert, err));
    n->x5t = cert.x5t;
    n->not_after = cert.not_after;
    return CB_OK;
}

static cb_status refuse(struct cb_request *rq, const char *field, const char *text, struct cb_err *err)
{
    CB_TRY(cb_admin_problem(rq, field, text, err));
    CB_REFUSE(CB_E_ADMIN_BODY, "%s: %s", field, text);
}

static cb_status text_of(struct cb_request *rq, const json_t *object, const char *name, struct cb_str *out,
                         struct cb_err *err)
{
    struct cb_str text;
    if (cb_json_get_str(object, name, &text)) {
        *out = cb_arena_str(rq->arena, text);
        CB_ENSURE(out->p != NULL, CB_E_MEMORY, "revocation");
    }
    return CB_OK;
}

static cb_status read_body(struct cb_request *rq, struct named *n, struct cb_err *err)
{
    json_auto_t *object = NULL;
    struct cb_str x5t = { 0 }, pem = { 0 };
    CB_TRY(cb_admin_object(rq, &object, err));
    const bool both =
        json_object_get(object, "x5t#S256") != NULL && json_object_get(object, "certificate") != NULL;
    CB_TRY(text_of(rq, object, "x5t#S256", &x5t, err));
    CB_TRY(text_of(rq, object, "certificate", &pem, err));
    CB_TRY(text_of(rq, object, "reason", &n->reason, err));
    size_t known = 0;
    known += x5t.p != NULL;
    known += pem.p != NULL;
    known += n->reason.p != NULL;
    if (known != json_object_size(object) || both || (x5t.p == NULL && pem.p == NULL)) {
        return refuse(rq, "body",
                      "give x5t#S256 or certificate (PEM), and reason, each a string; nothing else", err);
    }
    if (x5t.p != NULL && CB_FAILED(digest_of(x5t, &n->x5t, NULL))) {
        return refuse(rq, "x5t#S256", "must be the SHA-256 of the certificate in base64url, 43 characters",
                      err);
    }
    if (pem.p != NULL && CB_FAILED(read_pem(rq, pem, n, NULL))) {
        return refuse(rq, "certificate", "must be a certificate in PEM", err);
    }
    return n->reason.n <= CB_LIMIT_REASON ? CB_OK : refuse(rq, "reason", "is longer than 200 bytes", err);
}

/* Whose it is, and how long it lives, if a client was seen with it. */
static cb_status note_use(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    struct named *n = ctx;
    (void)err;
    struct cb_x5t x5t;
    memcpy(x5t.b, c->x5t.p, sizeof x5t.b);
    if (cb_x5t_eq(&x5t, &n->x5t)) {
        n->not_after = c->not_after;
    }
    return CB_OK;
}

cb_status cb_admin_revocations_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    struct cb_store *store = cb_app_services(app)->store;
    const struct cb_certificate_page all = { .limit = INT64_MAX };
    struct named n = { .not_after = YEAR_9999 };
    struct cb_err why = { 0 };
    CB_TRY(read_body(rq, &n, err));
    CB_TRY(cb_store_certificate_page(store, &all, note_use, &n, err));
    const struct cb_revocation_record r = { .x5t = { (const char *)n.x5t.b, sizeof n.x5t.b },
                                            .reason = n.reason,
                                            .revoked_at = rq->now,
                                            .expires_at = n.not_after };
    if (CB_FAILED(cb_store_revocation_add(store, &r, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "revocation");
    struct cb_json_out j = cb_json_out(text);
    CB_TRY(add(&j, &r, err));
    return cb_admin_reply(201, text, out, err);
}

/* --- DELETE --- */

cb_status cb_admin_revocation_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                     struct cb_err *err)
{
    struct cb_x5t x5t = { .b = { 0 } };
    struct cb_err why = { 0 };
    CB_ENSURE(!CB_FAILED(digest_of(rq->path_params[0], &x5t, NULL)), CB_E_ADMIN_NOT_FOUND,
              "not a thumbprint");
    if (CB_FAILED(cb_store_revocation_remove(cb_app_services(app)->store,
                                             (struct cb_str){ (const char *)x5t.b, sizeof x5t.b }, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    *out = (struct cb_reply){ .kind = CB_REPLY_EMPTY };
    return CB_OK;
}
