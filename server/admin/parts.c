#include "admin/parts.h"

#include <stdio.h>

#include "base/limits.h"

enum { REPLY_MAX = 64 * 1024 * 1024, PROBLEMS_MAX = 16 * 1024, LIMIT_MAX = 200, LIMIT_USUAL = 50 };

static void free_text(void *p)
{
    cb_buf_done(p);
}

struct cb_buf *cb_admin_text(struct cb_request *rq)
{
    struct cb_buf *b = cb_arena_alloc(rq->arena, sizeof *b);
    if (b == NULL) {
        return NULL;
    }
    cb_buf_init(b, REPLY_MAX);
    return cb_arena_defer(rq->arena, free_text, b) ? b : NULL;
}

cb_status cb_admin_reply(int status, const struct cb_buf *text, struct cb_reply *out, struct cb_err *err)
{
    CB_TRY(cb_buf_check(text, err));
    *out = (struct cb_reply){ .kind = CB_REPLY_JSON, .status = status, .text = cb_buf_str(text) };
    return CB_OK;
}

static cb_status problems_of(struct cb_request *rq, struct cb_err *err)
{
    if (rq->problems != NULL) {
        return CB_OK;
    }
    struct cb_buf *b = cb_arena_alloc(rq->arena, sizeof *b);
    char *memory = cb_arena_alloc(rq->arena, PROBLEMS_MAX);
    CB_ENSURE(b != NULL && memory != NULL, CB_E_MEMORY, "problems");
    cb_buf_over(b, memory, PROBLEMS_MAX);
    rq->problems = b;
    return CB_OK;
}

cb_status cb_admin_problem(struct cb_request *rq, const char *field, const char *text, struct cb_err *err)
{
    CB_TRY(problems_of(rq, err));
    cb_buf_add_fmt(rq->problems, "%s: %s\n", field, text);
    return CB_OK;
}

cb_status cb_admin_failed(struct cb_request *rq, const struct cb_err *why, struct cb_err *err)
{
    static const struct {
        enum cb_code from, to;
    } words[] = {
        { CB_E_NOT_FOUND, CB_E_ADMIN_NOT_FOUND },
        { CB_E_EXISTS, CB_E_ADMIN_CONFLICT },
        { CB_E_CHANGED_MEANWHILE, CB_E_ADMIN_STALE },
        { CB_E_REGISTRATION, CB_E_ADMIN_BODY },
    };
    for (size_t i = 0; i < CB_COUNT(words); i++) {
        if (why->code == words[i].from) {
            CB_TRY(problems_of(rq, err));
            if (rq->problems->n == 0) {
                cb_buf_add_fmt(rq->problems, "%.240s\n", why->detail);
            }
            CB_REFUSE(words[i].to, "%.200s", why->detail);
        }
    }
    CB_REFUSE(why->code, "%.200s", why->detail);
}

cb_status cb_admin_object(struct cb_request *rq, json_t **out, struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (CB_FAILED(cb_json_object(rq->body, out, &why))) {
        CB_TRY(
            cb_admin_problem(rq, "body", "must be one JSON object, no member twice, 16 deep at most", err));
        CB_REFUSE(CB_E_ADMIN_BODY, "%.200s", why.detail);
    }
    return CB_OK;
}

const char *cb_admin_etag(struct cb_request *rq, int64_t revision)
{
    enum { ROOM = 24 };
    char *text = cb_arena_alloc(rq->arena, ROOM);
    if (text != NULL) {
        (void)snprintf(text, ROOM, "\"%lld\"", (long long)revision);
    }
    return text;
}

cb_status cb_admin_if_match(const struct cb_request *rq, int64_t revision, struct cb_err *err)
{
    char etag[24];
    (void)snprintf(etag, sizeof etag, "\"%lld\"", (long long)revision);
    CB_ENSURE(rq->if_match.p != NULL, CB_E_ADMIN_NO_IF_MATCH, "no If-Match");
    CB_ENSURE(cb_str_is(rq->if_match, "*") || cb_str_is(rq->if_match, etag), CB_E_ADMIN_STALE,
              "If-Match is not the entity tag of revision %lld", (long long)revision);
    return CB_OK;
}

cb_status cb_admin_limit(struct cb_str text, int64_t *out, struct cb_err *err)
{
    int64_t n = text.n == 0 ? LIMIT_USUAL : 0;
    for (size_t i = 0; i < text.n; i++) {
        CB_ENSURE(text.p[i] >= '0' && text.p[i] <= '9' && n <= LIMIT_MAX, CB_E_PARAMETER_MALFORMED,
                  "limit is no number from 1 to %d", LIMIT_MAX);
        n = n * 10 + (text.p[i] - '0');
    }
    CB_ENSURE(n >= 1 && n <= LIMIT_MAX, CB_E_PARAMETER_MALFORMED, "limit is no number from 1 to %d",
              LIMIT_MAX);
    *out = n;
    return CB_OK;
}
