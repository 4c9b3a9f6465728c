/* Entity tags: a client's is its revision, in quotes. */
#include <stdio.h>

#include "admin/parts.h"

const char *cb_admin_etag(struct cb_request *rq, int64_t revision)
{
    enum { ROOM = 24 };
    char *text = cb_arena_alloc(rq->arena, ROOM);
    if (text != NULL) {
        (void)snprintf(text, ROOM, "\"%lld\"", (long long)revision);
    }
    return text;
}

static void skip(struct cb_str *s, size_t n)
{
    *s = (struct cb_str){ s->p + n, s->n - n };
}

/* RFC 9110 section 8.8.3: the next entity tag, with its quotes, or with W/ before them. False: there is none,
 * or it is malformed. */
static bool next_tag(struct cb_str *rest, struct cb_str *out)
{
    while (rest->n > 0 && strchr(" \t,", rest->p[0]) != NULL) {
        skip(rest, 1);
    }
    const size_t quote = cb_str_starts(*rest, CB_STR("W/")) ? 2 : 0;
    if (rest->n <= quote || rest->p[quote] != '"') {
        return false;
    }
    const char *end = memchr(rest->p + quote + 1, '"', rest->n - quote - 1);
    if (end == NULL) {
        return false;
    }
    *out = (struct cb_str){ rest->p, (size_t)(end - rest->p) + 1 };
    skip(rest, out->n);
    return rest->n == 0 || strchr(" \t,", rest->p[0]) != NULL;
}

static bool any_matches(struct cb_str tags, struct cb_str wanted)
{
    struct cb_str tag;
    while (next_tag(&tags, &tag)) {
        if (cb_str_eq(tag, wanted)) {
            return true;
        }
    }
    return false;
}

cb_status cb_admin_if_match(struct cb_request *rq, int64_t revision, struct cb_err *err)
{
    char etag[24];
    (void)snprintf(etag, sizeof etag, "\"%lld\"", (long long)revision);
    CB_ENSURE(rq->if_match.p != NULL, CB_E_ADMIN_NO_IF_MATCH, "no If-Match");
    if (memchr(rq->if_match.p, '"', rq->if_match.n) == NULL && !cb_str_is(rq->if_match, "*")) {
        CB_TRY(cb_admin_problem(rq, "If-Match", "an ETag has quotes, and they belong to it", err));
    }
    CB_ENSURE(cb_str_is(rq->if_match, "*") || any_matches(rq->if_match, cb_str_of(etag)), CB_E_ADMIN_STALE,
              "If-Match is not the entity tag of revision %lld", (long long)revision);
    return CB_OK;
}
