#include "http/reply.h"

#include "base/json_out.h"

#define NO_STORE "no-store"
#define JSON     "application/json"

static void add(struct cb_rendered *out, const char *name, const char *value)
{
    if (out->header_count < CB_COUNT(out->headers)) {
        out->headers[out->header_count++] = (struct cb_header){ name, value };
    }
}

static void begin(const struct cb_reply_context *c, const struct cb_request *rq, unsigned status,
                  struct cb_rendered *out)
{
    *out = (struct cb_rendered){ .status = status };
    if (rq->id[0] != '\0') {
        add(out, "Certbound-Request-Id", rq->id);
    }
    add(out, "X-Content-Type-Options", "nosniff");
    if (c->tls) {
        add(out, "Strict-Transport-Security", "max-age=31536000");
    }
    if (c->closing) {
        add(out, "Connection", "close");
    }
}

/* RFC 6749 sections 5.1 and 5.2 ask for both. */
static void add_no_store(struct cb_rendered *out)
{
    add(out, "Cache-Control", NO_STORE);
    add(out, "Pragma", "no-cache");
}

/* --- what endpoints give --- */

/* RFC 6749 section 5.1. */
static cb_status token(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                       struct cb_err *err)
{
    /* A token and a scope need no escape; were one needed, it would be six bytes for one. */
    const size_t room = reply->token.access_token.n + 6 * reply->token.scope.n + 128;
    char *memory = cb_arena_alloc(rq->arena, room);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "token reply of %zu bytes", room);
    struct cb_buf b;
    cb_buf_over(&b, memory, room);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "access_token", reply->token.access_token);
    cb_json_put_cstr(&j, "token_type", "Bearer");
    cb_json_put_int(&j, "expires_in", reply->token.expires_in);
    if (reply->token.scope.n > 0) {
        cb_json_put_str(&j, "scope", reply->token.scope);
    }
    cb_json_close(&j, '}');
    CB_TRY(cb_buf_check(&b, err));
    out->body = cb_buf_str(&b);
    out->status = 200;
    add(out, "Content-Type", JSON);
    add_no_store(out);
    return CB_OK;
}

/* If-None-Match: "*" or a list of entity tags, compared weakly. RFC 9110 section 13.1.2. */
static bool none_match_names(struct cb_str list, struct cb_str etag)
{
    struct cb_str part;
    for (struct cb_str rest = list; cb_str_next(&rest, ',', &part);) {
        while (part.n > 0 && (part.p[0] == ' ' || part.p[0] == '\t')) {
            part.p++, part.n--;
        }
        while (part.n > 0 && (part.p[part.n - 1] == ' ' || part.p[part.n - 1] == '\t')) {
            part.n--;
        }
        if (part.n > 2 && cb_str_starts(part, CB_STR("W/"))) {
            part.p += 2, part.n -= 2;
        }
        if (cb_str_eq(part, etag) || cb_str_is(part, "*")) {
            return true;
        }
    }
    return false;
}

static cb_status document(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                          struct cb_err *err)
{
    const struct cb_document *d = reply->document;
    CB_ENSURE(d != NULL, CB_E_INTERNAL, "document reply without a document");
    const bool unchanged = none_match_names(rq->if_none_match, cb_str_of(d->etag));
    out->status = unchanged ? 304 : 200;
    out->body = unchanged ? CB_STR("") : d->body;
    if (!unchanged) {
        add(out, "Content-Type", d->content_type);
    }
    add(out, "Cache-Control", d->cache_control);
    add(out, "ETag", d->etag);
    return CB_OK;
}

static cb_status text(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                      struct cb_err *err)
{
    (void)rq;
    CB_ENSURE(reply->status >= 200 && reply->status <= 599, CB_E_INTERNAL, "status %d", reply->status);
    out->status = (unsigned)reply->status;
    out->body = reply->text;
    add(out, "Content-Type", "text/plain; charset=utf-8");
    add(out, "Cache-Control", NO_STORE);
    return CB_OK;
}

static cb_status nothing(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                         struct cb_err *err)
{
    (void)rq, (void)reply, (void)out;
    CB_REFUSE(CB_E_INTERNAL, "the endpoint decided nothing");
}

cb_status cb_reply_render(const struct cb_reply_context *c, const struct cb_request *rq,
                          const struct cb_reply *reply, struct cb_rendered *out, struct cb_err *err)
{
    static cb_status (*const kinds[])(const struct cb_request *, const struct cb_reply *,
                                      struct cb_rendered *, struct cb_err *) = {
        [CB_REPLY_NONE] = nothing,
        [CB_REPLY_TOKEN] = token,
        [CB_REPLY_DOCUMENT] = document,
        [CB_REPLY_TEXT] = text,
    };
    CB_ENSURE((size_t)reply->kind < CB_COUNT(kinds), CB_E_INTERNAL, "reply kind %d", (int)reply->kind);
    begin(c, rq, 500, out);
    return kinds[reply->kind](rq, reply, out, err);
}

/* --- refusals --- */

/* Status and text are the table's; RFC 9110 section 11.6.1 wants a challenge with every 401, RFC 6749
 * section 5.2 one that matches the scheme that the client tried. */
static const char *challenge(const struct cb_request *rq)
{
    const struct cb_str basic = CB_STR("basic ");
    const struct cb_str tried = rq->authorization;
    return tried.n >= basic.n && cb_str_eq_nocase((struct cb_str){ tried.p, basic.n }, basic)
               ? "Basic realm=\"certbound\""
               : "Bearer realm=\"certbound\"";
}

void cb_reply_render_error(const struct cb_reply_context *c, const struct cb_request *rq, enum cb_code code,
                           const char *allow, struct cb_rendered *out)
{
    enum { ROOM = 512 };
    const struct cb_error_answer *answer = cb_error_of(code);
    begin(c, rq, (unsigned)answer->status, out);
    char *memory = cb_arena_alloc(rq->arena, ROOM);
    struct cb_buf b;
    cb_buf_over(&b, memory, memory == NULL ? 0 : ROOM);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "error", answer->error);
    cb_json_put_cstr(&j, "error_description", answer->description);
    cb_json_close(&j, '}');
    out->body = b.failed ? CB_STR("{\"error\":\"server_error\"}") : cb_buf_str(&b);
    add(out, "Content-Type", JSON);
    add_no_store(out);
    if (answer->status == 401) {
        add(out, "WWW-Authenticate", challenge(rq));
    }
    if (allow != NULL) {
        add(out, "Allow", allow);
    }
}
