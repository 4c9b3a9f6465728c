/* A client as somebody writes it in JSON. */
#include "admin/parts.h"
#include "base/limits.h"

/* Members that are text, and where they go. */
static const struct {
    const char *name;
    size_t offset;
} texts[] = {
#define TEXT(member)                                                                                         \
    {                                                                                                        \
#member, offsetof(struct cb_registration, member)                                                    \
    }
    TEXT(client_id),  TEXT(client_name), TEXT(trust_group),     TEXT(jwks_uri),
    TEXT(issuer_key), TEXT(scope),       TEXT(organisation_id), TEXT(software_id),
#undef TEXT
};

/* What the API answers with and nobody can set here. */
static const char *const answers[] = { "token_endpoint_auth_method",
                                       "directory",
                                       "roles",
                                       "statement_issued_at",
                                       "statement_expires_at",
                                       "suspended_at",
                                       "created_at",
                                       "updated_at",
                                       "revision" };

static struct cb_str *text_slot(struct cb_registration *r, struct cb_str name)
{
    for (size_t i = 0; i < CB_COUNT(texts); i++) {
        if (cb_str_is(name, texts[i].name)) {
            return (struct cb_str *)(void *)((char *)r + texts[i].offset);
        }
    }
    const enum cb_subject_kind kind = cb_subject_kind_of(name);
    return kind == CB_SUBJECT_NONE ? NULL : &r->subjects[kind];
}

static bool is_answer(struct cb_str name)
{
    for (size_t i = 0; i < CB_COUNT(answers); i++) {
        if (cb_str_is(name, answers[i])) {
            return true;
        }
    }
    return false;
}

static cb_status copy(struct cb_request *rq, const char *p, size_t n, struct cb_str *out, struct cb_err *err)
{
    *out = cb_arena_str(rq->arena, (struct cb_str){ p, n });
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "registration");
    return CB_OK;
}

static cb_status read_text(struct cb_request *rq, const char *name, const json_t *value, struct cb_str *out,
                           struct cb_err *err)
{
    if (!json_is_string(value)) {
        return cb_admin_problem(rq, name, "must be a string", err);
    }
    return copy(rq, json_string_value(value), json_string_length(value), out, err);
}

static cb_status read_jwks(struct cb_request *rq, const json_t *value, struct cb_str *out, struct cb_err *err)
{
    if (!json_is_object(value)) {
        return cb_admin_problem(rq, "jwks", "must be a JWK set", err);
    }
    char *text = json_dumps(value, JSON_COMPACT);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "jwks");
    const cb_status copied = copy(rq, text, strlen(text), out, err);
    free(text);
    return copied;
}

/* RFC 7591: an array of words; kept as words between spaces. */
static cb_status read_grants(struct cb_request *rq, const json_t *value, struct cb_str *out,
                             struct cb_err *err)
{
    char *memory = cb_arena_alloc(rq->arena, CB_LIMIT_SCOPE);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "grant_types");
    struct cb_buf b;
    cb_buf_over(&b, memory, CB_LIMIT_SCOPE);
    bool good = json_is_array(value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *word = json_string_value(json_array_get(value, i));
        good = good && word != NULL && *word != '\0' && strchr(word, ' ') == NULL;
        cb_buf_add_cstr(&b, i > 0 ? " " : "");
        cb_buf_add_cstr(&b, word == NULL ? "" : word);
    }
    if (!good || b.failed) {
        return cb_admin_problem(rq, "grant_types", "must be an array of words", err);
    }
    *out = cb_buf_str(&b);
    return CB_OK;
}

static cb_status read_member(struct cb_request *rq, const char *name, const json_t *value,
                             struct cb_registration *r, bool *out_enabled, struct cb_err *err)
{
    struct cb_str *slot = text_slot(r, cb_str_of(name));
    if (slot != NULL) {
        return read_text(rq, name, value, slot, err);
    }
    if (cb_str_is(cb_str_of(name), "jwks")) {
        return read_jwks(rq, value, &r->jwks, err);
    }
    if (cb_str_is(cb_str_of(name), "grant_types")) {
        return read_grants(rq, value, &r->grant_types, err);
    }
    if (cb_str_is(cb_str_of(name), "enabled") && json_is_boolean(value)) {
        *out_enabled = json_is_true(value);
        return CB_OK;
    }
    if (is_answer(cb_str_of(name))) {
        return CB_OK;
    }
    char quoted[64];
    struct cb_buf b;
    cb_buf_over(&b, quoted, sizeof quoted - 1);
    for (const char *p = name; *p != '\0' && b.n < 40; p++) {
        cb_buf_add_char(&b, (char)(*p > ' ' && *p < 0x7f ? *p : '?'));
    }
    quoted[b.n] = '\0';
    return cb_admin_problem(rq, quoted, "is no member of a client, or of the wrong type", err);
}

cb_status cb_admin_registration(struct cb_request *rq, struct cb_registration *out, bool *out_enabled,
                                struct cb_err *err)
{
    json_auto_t *object = NULL;
    const char *name = NULL;
    json_t *value = NULL;
    CB_TRY(cb_admin_object(rq, &object, err));
    json_object_foreach(object, name, value)
    {
        CB_TRY(read_member(rq, name, value, out, out_enabled, err));
    }
    CB_ENSURE(rq->problems == NULL, CB_E_ADMIN_BODY, "members that cannot be read");
    return CB_OK;
}
