#include "http/routes.h"

#include <stdlib.h>

#include "base/limits.h"
#include "http/form.h"

struct row {
    struct cb_str path; /* with the issuer's */
    bool has_params;
    const struct cb_route *route;
    const char *allow; /* of all rows with this path */
};

struct cb_router {
    struct cb_arena arena;
    struct row *rows;
    size_t count;
};

static const char *const method_names[CB_METHOD__MAX] = {
    [CB_GET] = "GET, HEAD", [CB_POST] = "POST",     [CB_PUT] = "PUT",
    [CB_PATCH] = "PATCH",   [CB_DELETE] = "DELETE",
};

/* --- paths --- */

static bool is_param(struct cb_str segment)
{
    return segment.n >= 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

/* Do two patterns match the same paths? Parameters are alike, whatever they are called. */
static bool same_pattern(struct cb_str a, struct cb_str b)
{
    struct cb_str x, y;
    bool more_a = cb_str_next(&a, '/', &x), more_b = cb_str_next(&b, '/', &y);
    while (more_a && more_b && (cb_str_eq(x, y) || (is_param(x) && is_param(y)))) {
        more_a = cb_str_next(&a, '/', &x);
        more_b = cb_str_next(&b, '/', &y);
    }
    return !more_a && !more_b;
}

static bool matches(struct cb_str pattern, struct cb_str path, struct cb_str out_params[CB_PATH_PARAMS])
{
    struct cb_str want, have;
    size_t n = 0;
    bool more_pattern = cb_str_next(&pattern, '/', &want), more_path = cb_str_next(&path, '/', &have);
    for (; more_pattern && more_path; more_path = cb_str_next(&path, '/', &have)) {
        if (is_param(want) ? have.n == 0 : !cb_str_eq(want, have)) {
            return false;
        }
        if (is_param(want)) {
            out_params[n++] = have;
        }
        more_pattern = cb_str_next(&pattern, '/', &want);
    }
    return !more_pattern && !more_path;
}

/* Of two patterns that match one path: does `a` name more of it, from the left? */
static bool is_closer(struct cb_str a, struct cb_str b)
{
    struct cb_str x, y;
    while (cb_str_next(&a, '/', &x) && cb_str_next(&b, '/', &y)) {
        if (is_param(x) != is_param(y)) {
            return is_param(y);
        }
    }
    return false;
}

static size_t count_params(struct cb_str pattern)
{
    struct cb_str segment;
    size_t n = 0;
    while (cb_str_next(&pattern, '/', &segment)) {
        n += is_param(segment);
    }
    return n;
}

/* --- the table, checked --- */

static cb_status check_params(const struct cb_route *r, struct cb_err *err)
{
    for (size_t i = 0; i < r->params->count; i++) {
        const struct cb_param *p = &r->params->params[i];
        const size_t size = p->repeatable ? sizeof(struct cb_param_list) : sizeof(struct cb_str);
        CB_ENSURE(p->name != NULL && p->max > 0, CB_E_CONFIG, "route %s: parameter %zu is incomplete",
                  r->path, i);
        CB_ENSURE(size <= r->params->form_size && p->offset <= r->params->form_size - size, CB_E_CONFIG,
                  "route %s: parameter %s lies outside the form", r->path, p->name);
    }
    return CB_OK;
}

static cb_status check_route(const struct cb_listener_options *o, const struct cb_route *r,
                             struct cb_err *err)
{
    CB_ENSURE(r->path != NULL && r->path[0] == '/', CB_E_CONFIG, "route without a path");
    CB_ENSURE(r->method != CB_METHOD_NONE, CB_E_CONFIG, "route %s: no method", r->path);
    CB_ENSURE(r->endpoint != NULL, CB_E_CONFIG, "route %s: no endpoint", r->path);
    CB_ENSURE(r->auth != CB_ROUTE_AUTH_NONE, CB_E_CONFIG, "route %s: authentication is not decided", r->path);
    CB_ENSURE(r->auth == CB_ROUTE_AUTH_OPEN || o->authenticate[r->auth] != NULL, CB_E_CONFIG,
              "route %s: nothing authenticates its kind on this listener", r->path);
    CB_ENSURE(r->body == CB_BODY_NONE || r->body_max > 0, CB_E_CONFIG, "route %s: no body cap", r->path);
    CB_ENSURE(r->body == CB_BODY_NONE || r->method != CB_GET, CB_E_CONFIG, "route %s: a body for GET",
              r->path);
    CB_ENSURE((r->body & CB_BODY_FORM) == 0 || r->params != NULL, CB_E_CONFIG, "route %s: no parameter table",
              r->path);
    CB_ENSURE(count_params(cb_str_of(r->path)) <= CB_PATH_PARAMS, CB_E_CONFIG,
              "route %s: more than %d parameters in the path", r->path, CB_PATH_PARAMS);
    return r->params == NULL ? CB_OK : check_params(r, err);
}

/* RFC 8414 section 3.1: a well-known path stands before the issuer's, every other behind it. */
static cb_status place(struct cb_arena *a, const char *issuer_path, const struct cb_route *r,
                       struct cb_str *out, struct cb_err *err)
{
    const bool well_known = r->place == CB_PLACE_WELL_KNOWN;
    struct cb_buf b;
    cb_buf_init(&b, CB_LIMIT_REQUEST_HEADERS);
    cb_buf_add_cstr(&b, well_known ? r->path : issuer_path);
    cb_buf_add_cstr(&b, well_known ? issuer_path : r->path);
    const bool built = !b.failed;
    *out = cb_arena_str(a, cb_buf_str(&b));
    cb_buf_done(&b);
    CB_ENSURE(built && out->p != NULL, CB_E_MEMORY, "route %s", r->path);
    return CB_OK;
}

static cb_status fill(struct cb_router *router, const struct cb_listener_options *o, struct cb_err *err)
{
    router->rows = cb_arena_array(&router->arena, o->route_count, sizeof *router->rows);
    CB_ENSURE(router->rows != NULL, CB_E_MEMORY, "routes");
    for (size_t i = 0; i < o->route_count; i++) {
        struct row *row = &router->rows[router->count];
        row->route = &o->routes[i];
        CB_TRY(check_route(o, row->route, err));
        CB_TRY(place(&router->arena, o->issuer_path, row->route, &row->path, err));
        row->has_params = count_params(row->path) > 0;
        for (size_t j = 0; j < router->count; j++) {
            CB_ENSURE(!same_pattern(router->rows[j].path, row->path) ||
                          router->rows[j].route->method != row->route->method,
                      CB_E_CONFIG, "route %s: declared twice", row->route->path);
        }
        router->count++;
    }
    return CB_OK;
}

/* All methods of the rows with this path, in the order of the enum. */
static const char *allow_of(struct cb_router *router, struct cb_str path)
{
    enum { ROOM = sizeof "GET, HEAD, POST, PUT, PATCH, DELETE" };
    bool has[CB_METHOD__MAX] = { false };
    for (size_t i = 0; i < router->count; i++) {
        has[router->rows[i].route->method] |= same_pattern(router->rows[i].path, path);
    }
    char *text = cb_arena_alloc(&router->arena, ROOM);
    struct cb_buf b;
    cb_buf_over(&b, text, text == NULL ? 0 : ROOM);
    for (size_t m = CB_GET; m < CB_METHOD__MAX; m++) {
        if (has[m]) {
            cb_buf_add_cstr(&b, b.n > 0 ? ", " : "");
            cb_buf_add_cstr(&b, method_names[m]);
        }
    }
    cb_buf_add_char(&b, '\0');
    return b.failed ? NULL : text;
}

static cb_status fill_allow(struct cb_router *router, struct cb_err *err)
{
    for (size_t i = 0; i < router->count; i++) {
        router->rows[i].allow = allow_of(router, router->rows[i].path);
        CB_ENSURE(router->rows[i].allow != NULL, CB_E_MEMORY, "routes");
    }
    return CB_OK;
}

cb_status cb_router_new(const struct cb_listener_options *o, struct cb_router **out, struct cb_err *err)
{
    struct cb_router *router = calloc(1, sizeof *router);
    CB_ENSURE(router != NULL, CB_E_MEMORY, "routes");
    cb_arena_init(&router->arena, CB_MIB);
    if (CB_FAILED(fill(router, o, err)) || CB_FAILED(fill_allow(router, err))) {
        cb_router_free(router);
        return CB_FAIL;
    }
    *out = router;
    return CB_OK;
}

void cb_router_free(struct cb_router *r)
{
    if (r != NULL) {
        cb_arena_done(&r->arena);
        free(r);
    }
}

static enum cb_method method_of(struct cb_str method)
{
    static const struct {
        const char *name;
        enum cb_method method;
    } methods[] = { { "POST", CB_POST }, { "GET", CB_GET },     { "HEAD", CB_GET },
                    { "PUT", CB_PUT },   { "PATCH", CB_PATCH }, { "DELETE", CB_DELETE } };
    for (size_t i = 0; i < CB_COUNT(methods); i++) {
        if (cb_str_is(method, methods[i].name)) {
            return methods[i].method;
        }
    }
    return CB_METHOD_NONE;
}

cb_status cb_router_find(const struct cb_router *r, struct cb_str method, struct cb_str path,
                         struct cb_found *out, struct cb_err *err)
{
    const enum cb_method wanted = method_of(method);
    const struct row *best = NULL;
    *out = (struct cb_found){ 0 };
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        struct cb_str params[CB_PATH_PARAMS] = { { 0 } };
        const bool match = row->has_params ? matches(row->path, path, params) : cb_str_eq(row->path, path);
        if (!match || (best != NULL && is_closer(best->path, row->path))) {
            continue;
        }
        const bool closer = best != NULL && is_closer(row->path, best->path);
        best = row;
        if (row->route->method == wanted || closer) {
            out->route = row->route->method == wanted ? row->route : NULL;
            memcpy(out->params, params, sizeof params);
        }
    }
    CB_ENSURE(best != NULL, CB_E_HTTP_PATH, "no route");
    out->allow = best->allow;
    CB_ENSURE(out->route != NULL, CB_E_HTTP_METHOD, "the route takes %s", best->allow);
    return CB_OK;
}

cb_status cb_path_param(struct cb_arena *a, struct cb_str sent, struct cb_str *out, struct cb_err *err)
{
    char *text = cb_arena_alloc(a, sent.n);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "path parameter");
    struct cb_str decoded = { text, 0 };
    memcpy(text, sent.p, sent.n);
    CB_ENSURE(cb_percent_decode(text, sent.n, false, &decoded), CB_E_HTTP_PATH,
              "path parameter does not decode");
    CB_ENSURE(memchr(decoded.p, '/', decoded.n) == NULL, CB_E_HTTP_PATH, "path parameter with a slash");
    *out = decoded;
    return CB_OK;
}
