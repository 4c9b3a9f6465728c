#include "admin/parts.h"

#include "base/limits.h"

enum { REPLY_MAX = 64 * 1024 * 1024, ARENA_MAX = 4 * 1024 * 1024, PROBLEMS_MAX = 16 * 1024 };

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

cb_status cb_admin_parameter(struct cb_request *rq, bool good, const char *name, const char *text,
                             struct cb_err *err)
{
    if (good) {
        return CB_OK;
    }
    CB_TRY(cb_admin_problem(rq, name, text, err));
    CB_REFUSE(CB_E_PARAMETER_MALFORMED, "%s: %.200s", name, text);
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
