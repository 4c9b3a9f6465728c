#include "admin/parts.h"

#include <stdio.h>

#include "base/limits.h"
#include "jose/base64url.h"

enum {
    REPLY_MAX = 64 * 1024 * 1024,
    ARENA_MAX = 4 * 1024 * 1024,
    PROBLEMS_MAX = 16 * 1024,
    LIMIT_MAX = 200,
    LIMIT_USUAL = 50
};

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

static void free_arena(void *p)
{
    cb_arena_done(p);
}

struct cb_arena *cb_admin_arena(struct cb_request *rq)
{
    struct cb_arena *a = cb_arena_alloc(rq->arena, sizeof *a);
    if (a == NULL) {
        return NULL;
    }
    cb_arena_init(a, ARENA_MAX);
    return cb_arena_defer(rq->arena, free_arena, a) ? a : NULL;
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

cb_status cb_admin_refuse(struct cb_request *rq, const char *field, const char *text, struct cb_err *err)
{
    CB_TRY(cb_admin_problem(rq, field, text, err));
    CB_REFUSE(CB_E_ADMIN_BODY, "%s: %.200s", field, text);
}

cb_status cb_admin_members(struct cb_request *rq, const struct cb_admin_member *members, size_t count,
                           void *out, bool *out_known, struct cb_err *err)
{
    json_auto_t *object = NULL;
    size_t known = 0;
    CB_TRY(cb_admin_object(rq, &object, err));
    for (size_t i = 0; i < count; i++) {
        struct cb_str text;
        if (cb_json_get_str(object, members[i].name, &text)) {
            struct cb_str *slot = (void *)((char *)out + members[i].offset);
            *slot = cb_arena_str(rq->arena, text);
            CB_ENSURE(slot->p != NULL, CB_E_MEMORY, "%s", members[i].name);
            known++;
        }
    }
    *out_known = known == json_object_size(object);
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

cb_status cb_admin_about(struct cb_request *rq, const char *collection, struct cb_str name,
                         struct cb_err *err)
{
    const size_t room = strlen(collection) + 1 + name.n;
    char *memory = cb_arena_alloc(rq->arena, room);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "%s", collection);
    struct cb_buf b;
    cb_buf_over(&b, memory, room);
    cb_buf_add_cstr(&b, collection);
    cb_buf_add_char(&b, '/');
    cb_buf_add_str(&b, name);
    rq->audit.object = cb_buf_str(&b);
    return CB_OK;
}

cb_status cb_admin_location(struct cb_request *rq, struct cb_reply *out, struct cb_err *err)
{
    static const char root[] = "/admin/v1/";
    const size_t room = sizeof root + rq->audit.object.n;
    char *location = cb_arena_alloc(rq->arena, room);
    CB_ENSURE(location != NULL, CB_E_MEMORY, "location");
    struct cb_buf b;
    cb_buf_over(&b, location, room);
    cb_buf_add_cstr(&b, root);
    cb_buf_add_str(&b, rq->audit.object);
    cb_buf_add_char(&b, '\0');
    out->location = location;
    return CB_OK;
}

/* --- If-Match --- */

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

cb_status cb_admin_if_match(const struct cb_request *rq, int64_t revision, struct cb_err *err)
{
    char etag[24];
    (void)snprintf(etag, sizeof etag, "\"%lld\"", (long long)revision);
    CB_ENSURE(rq->if_match.p != NULL, CB_E_ADMIN_NO_IF_MATCH, "no If-Match");
    CB_ENSURE(cb_str_is(rq->if_match, "*") || any_matches(rq->if_match, cb_str_of(etag)), CB_E_ADMIN_STALE,
              "If-Match is not the entity tag of revision %lld", (long long)revision);
    return CB_OK;
}

/* --- queries --- */

struct nothing {
    char none;
};
const struct cb_param_table cb_admin_no_params = { .form_size = sizeof(struct nothing), .closed = true };

bool cb_admin_number(struct cb_str text, int64_t *out)
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

bool cb_admin_digest(struct cb_str text, struct cb_x5t *out)
{
    size_t n = 0;
    return !CB_FAILED(cb_base64url_decode(text, out->b, sizeof out->b, &n, NULL)) && n == sizeof out->b;
}

/* --- pages --- */

cb_status cb_admin_page_begin(struct cb_request *rq, const char *name, struct cb_str limit,
                              struct cb_admin_page *out, struct cb_err *err)
{
    int64_t n = LIMIT_USUAL;
    CB_ENSURE((limit.n == 0 || cb_admin_number(limit, &n)) && n >= 1 && n <= LIMIT_MAX,
              CB_E_PARAMETER_MALFORMED, "limit is no number from 1 to %d", LIMIT_MAX);
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "%s", name);
    *out = (struct cb_admin_page){ .rq = rq, .json = cb_json_out(text), .text = text, .limit = n + 1 };
    cb_json_open(&out->json, '{');
    cb_json_key(&out->json, name);
    cb_json_open(&out->json, '[');
    return CB_OK;
}

bool cb_admin_page_takes(struct cb_admin_page *p)
{
    p->more = p->count + 1 == p->limit;
    p->count += p->more ? 0 : 1;
    return !p->more;
}

cb_status cb_admin_page_end(struct cb_admin_page *p, struct cb_str after, struct cb_reply *out,
                            struct cb_err *err)
{
    cb_json_close(&p->json, ']');
    cb_json_key(&p->json, "after");
    if (p->more) {
        cb_json_str(&p->json, after);
    } else {
        cb_json_null(&p->json);
    }
    cb_json_close(&p->json, '}');
    return cb_admin_reply(200, p->text, out, err);
}
