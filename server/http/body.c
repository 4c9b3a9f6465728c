#include "http/body.h"

#include "base/limits.h"

enum { FIRST_ROOM = 1024 };

/* --- which --- */

static const struct {
    const char *media_type;
    enum cb_body body;
} media_types[] = {
    { "application/x-www-form-urlencoded", CB_BODY_FORM },
    { "application/json", CB_BODY_JSON },
    { "application/jose", CB_BODY_JOSE },
    { "application/jwt", CB_BODY_JOSE },
};

/* Those that a route takes, for the Accept field of a 415 (RFC 9110 section 15.5.16). */
static const char *accept_of(struct cb_arena *a, unsigned bodies)
{
    enum { ROOM = 128 };
    char *text = cb_arena_alloc(a, ROOM);
    struct cb_buf b;
    cb_buf_over(&b, text, text == NULL ? 0 : ROOM);
    for (size_t i = 0; i < CB_COUNT(media_types); i++) {
        if ((media_types[i].body & bodies) != 0) {
            cb_buf_add_cstr(&b, b.n > 0 ? ", " : "");
            cb_buf_add_cstr(&b, media_types[i].media_type);
        }
    }
    cb_buf_add_char(&b, '\0');
    return b.failed ? NULL : text;
}

static cb_status find_body_type(struct cb_exchange *x, const struct cb_facts *facts, struct cb_err *err)
{
    const unsigned bodies = x->found.route->body;
    for (size_t i = 0; i < CB_COUNT(media_types); i++) {
        if ((media_types[i].body & bodies) != 0 &&
            cb_media_type_is(facts->fields[CB_FIELD_CONTENT_TYPE], cb_str_of(media_types[i].media_type))) {
            x->request.body_type = media_types[i].body;
            return CB_OK;
        }
    }
    x->accept = accept_of(x->request.arena, bodies);
    CB_REFUSE(CB_E_HTTP_MEDIA_TYPE, "Content-Type is none that this route takes");
}

static size_t body_most(const struct cb_route *route)
{
    return route->body == CB_BODY_NONE ? 0 : route->body_max;
}

cb_status cb_body_expect(struct cb_exchange *x, const struct cb_facts *facts, struct cb_err *err)
{
    const struct cb_route *route = x->found.route;
    const size_t most = body_most(route);
    CB_ENSURE(facts->content_length <= most, CB_E_HTTP_BODY_TOO_LARGE, "Content-Length %llu, at most %zu",
              (unsigned long long)facts->content_length, most);
    if (route->body != CB_BODY_NONE) {
        CB_TRY(find_body_type(x, facts, err));
    }
    if (facts->content_length > 0) {
        x->body_room = (size_t)facts->content_length;
        x->body = cb_arena_alloc(x->request.arena, x->body_room);
        CB_ENSURE(x->body != NULL, CB_E_MEMORY, "body of %zu bytes", x->body_room);
    }
    return CB_OK;
}

/* --- collecting --- */

/* In two steps and no more: what is left behind stays in the arena until the request is over. */
static bool grow(struct cb_exchange *x, size_t need)
{
    const size_t room = need <= FIRST_ROOM ? FIRST_ROOM : body_most(x->found.route);
    char *body = cb_arena_alloc(x->request.arena, room);
    if (body == NULL) {
        return false;
    }
    if (x->body_n > 0) {
        memcpy(body, x->body, x->body_n);
    }
    x->body = body;
    x->body_room = room;
    return true;
}

static cb_status keep(struct cb_exchange *x, const char *p, size_t n, struct cb_err *err)
{
    const size_t most = body_most(x->found.route);
    CB_ENSURE(n <= most - x->body_n, CB_E_HTTP_BODY_TOO_LARGE, "chunked, at most %zu bytes", most);
    CB_ENSURE(x->body_n + n <= x->body_room || grow(x, x->body_n + n), CB_E_MEMORY, "body");
    memcpy(x->body + x->body_n, p, n);
    x->body_n += n;
    return CB_OK;
}

bool cb_body_take(struct cb_exchange *x, const char *p, size_t n)
{
    if (!x->refused) {
        x->refused = CB_FAILED(keep(x, p, n, &x->err));
    }
    if (x->refused) {
        x->drained += n;
    }
    return x->drained <= CB_LIMIT_DRAINED_BODY;
}
