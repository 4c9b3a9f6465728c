#include "http/reply.h"

#include <stdio.h>

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

static cb_status typed(const struct cb_reply *reply, const char *type, struct cb_rendered *out,
                       struct cb_err *err)
{
    CB_ENSURE(reply->status >= 200 && reply->status <= 599, CB_E_INTERNAL, "status %d", reply->status);
    out->status = (unsigned)reply->status;
    out->body = reply->text;
    add(out, "Content-Type", type);
    add(out, "Cache-Control", NO_STORE);
    return CB_OK;
}

static cb_status text(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                      struct cb_err *err)
{
    (void)rq;
    return typed(reply, "text/plain; charset=utf-8", out, err);
}

static cb_status json(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                      struct cb_err *err)
{
    (void)rq;
    CB_TRY(typed(reply, JSON, out, err));
    if (reply->etag != NULL) {
        add(out, "ETag", reply->etag);
    }
    if (reply->location != NULL) {
        add(out, "Location", reply->location);
    }
    return CB_OK;
}

static cb_status empty(const struct cb_request *rq, const struct cb_reply *reply, struct cb_rendered *out,
                       struct cb_err *err)
{
    (void)rq, (void)reply, (void)err;
    out->status = 204;
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
        [CB_REPLY_NONE] = nothing, [CB_REPLY_TOKEN] = token, [CB_REPLY_DOCUMENT] = document,
        [CB_REPLY_TEXT] = text,    [CB_REPLY_JSON] = json,   [CB_REPLY_EMPTY] = empty,
    };
    CB_ENSURE((size_t)reply->kind < CB_COUNT(kinds), CB_E_INTERNAL, "reply kind %d", (int)reply->kind);
    begin(c, rq, 500, out);
    return kinds[reply->kind](rq, reply, out, err);
}

/* --- refusals --- */

/* RFC 9110 section 11.6.1 wants a challenge with every 401, RFC 6749 section 5.2 one that matches the scheme
 * that the client tried, RFC 6750 section 3.1 the error where a token was. */
static const char *challenge(const struct cb_request *rq, const struct cb_error_answer *answer)
{
    const struct cb_str basic = CB_STR("basic ");
    const struct cb_str tried = rq->authorization;
    if (cb_str_is(cb_str_of(answer->error), "invalid_token")) {
        return "Bearer realm=\"certbound\", error=\"invalid_token\"";
    }
    return tried.n >= basic.n && cb_str_eq_nocase((struct cb_str){ tried.p, basic.n }, basic)
               ? "Basic realm=\"certbound\""
               : "Bearer realm=\"certbound\"";
}

static void put_problems(struct cb_json_out *j, const struct cb_request *rq)
{
    struct cb_str line;
    cb_json_key(j, "problems");
    cb_json_open(j, '[');
    for (struct cb_str rest = cb_buf_str(rq->problems); cb_str_next(&rest, '\n', &line);) {
        if (line.n > 0) {
            cb_json_str(j, line);
        }
    }
    cb_json_close(j, ']');
}

/* RFC 9457. The type says what the reason says, and is as stable. */
static void put_problem(struct cb_json_out *j, const struct cb_request *rq, enum cb_code code,
                        const struct cb_error_answer *answer)
{
    char type[96];
    struct cb_buf b;
    cb_buf_over(&b, type, sizeof type);
    cb_buf_add_fmt(&b, "urn:certbound:problem:%s", cb_code_reason(code));
    cb_json_put_str(j, "type", cb_buf_str(&b));
    cb_json_put_cstr(j, "title", answer->description);
    cb_json_put_int(j, "status", answer->status);
    cb_json_put_cstr(j, "reason", cb_code_reason(code));
    cb_json_put_str(j, "request", cb_str_of(rq->id));
}

/* With `room` for the problems, or 0 to leave them out. False: it does not fit. */
static bool put_error(const struct cb_reply_context *c, const struct cb_request *rq, enum cb_code code,
                      size_t room, struct cb_str *out)
{
    enum { FIXED = 512 };
    const struct cb_error_answer *answer = cb_error_of(code);
    char *memory = cb_arena_alloc(rq->arena, FIXED + room);
    struct cb_buf b;
    cb_buf_over(&b, memory, memory == NULL ? 0 : FIXED + room);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    if (c->problem_documents) {
        put_problem(&j, rq, code, answer);
    } else {
        cb_json_put_cstr(&j, "error", answer->error);
        cb_json_put_cstr(&j, "error_description", answer->description);
    }
    if (room > 0) {
        put_problems(&j, rq);
    }
    cb_json_close(&j, '}');
    *out = cb_buf_str(&b);
    return !b.failed;
}

/* The list of problems is the part that may not fit; the error itself is told without it. */
static struct cb_str error_body(const struct cb_reply_context *c, const struct cb_request *rq,
                                enum cb_code code)
{
    const size_t n = rq->problems == NULL ? 0 : rq->problems->n;
    struct cb_str body;
    if ((n > 0 && put_error(c, rq, code, 6 * n + 64, &body)) || put_error(c, rq, code, 0, &body)) {
        return body;
    }
    return CB_STR("{\"error\":\"server_error\"}");
}

static const char *retry_after(const struct cb_request *rq)
{
    enum { ROOM = 16 };
    char *text = rq->retry_after_s > 1 ? cb_arena_alloc(rq->arena, ROOM) : NULL;
    if (text == NULL) {
        return "1";
    }
    (void)snprintf(text, ROOM, "%d", rq->retry_after_s);
    return text;
}

void cb_reply_render_error(const struct cb_reply_context *c, const struct cb_request *rq,
                           const struct cb_refusal *why, struct cb_rendered *out)
{
    const struct cb_error_answer *answer = cb_error_of(why->code);
    begin(c, rq, (unsigned)answer->status, out);
    out->body = error_body(c, rq, why->code);
    add(out, "Content-Type", c->problem_documents ? "application/problem+json" : JSON);
    add_no_store(out);
    if (answer->status == 401) {
        add(out, "WWW-Authenticate", challenge(rq, answer));
    }
    if (answer->status == 503) {
        add(out, "Retry-After", retry_after(rq));
    }
    if (why->allow != NULL) {
        add(out, "Allow", why->allow);
    }
    if (why->accept != NULL) {
        add(out, "Accept", why->accept);
    }
}
