#include "http/routes.h"

#include <stdlib.h>

#include "base/limits.h"

struct row {
    struct cb_str path; /* with the issuer's */
    const struct cb_route *route;
    const char *allow; /* of all rows with this path */
};

struct cb_router {
    struct cb_arena arena;
    struct row *rows;
    size_t count;
};

enum { HAS_GET = 1, HAS_POST = 2 };
static const char *const allow_values[] = { "", "GET, HEAD", "POST", "GET, HEAD, POST" };

static cb_status check_params(const struct cb_route *r, struct cb_err *err)
{
    CB_ENSURE(r->params != NULL, CB_E_CONFIG, "route %s: no parameter table", r->path);
    CB_ENSURE(r->body_max > 0, CB_E_CONFIG, "route %s: no body cap", r->path);
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
    CB_ENSURE(r->auth != CB_ROUTE_AUTH_CLIENT || o->authenticate != NULL, CB_E_CONFIG,
              "route %s: nothing authenticates clients on this listener", r->path);
    if (r->body == CB_BODY_FORM) {
        CB_TRY(check_params(r, err));
    }
    return CB_OK;
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
        for (size_t j = 0; j < router->count; j++) {
            CB_ENSURE(!cb_str_eq(router->rows[j].path, row->path) ||
                          router->rows[j].route->method != row->route->method,
                      CB_E_CONFIG, "route %s: declared twice", row->route->path);
        }
        router->count++;
    }
    return CB_OK;
}

static void fill_allow(struct cb_router *router)
{
    for (size_t i = 0; i < router->count; i++) {
        unsigned has = 0;
        for (size_t j = 0; j < router->count; j++) {
            if (cb_str_eq(router->rows[i].path, router->rows[j].path)) {
                has |= router->rows[j].route->method == CB_GET ? HAS_GET : HAS_POST;
            }
        }
        router->rows[i].allow = allow_values[has];
    }
}

cb_status cb_router_new(const struct cb_listener_options *o, struct cb_router **out, struct cb_err *err)
{
    struct cb_router *router = calloc(1, sizeof *router);
    CB_ENSURE(router != NULL, CB_E_MEMORY, "routes");
    cb_arena_init(&router->arena, CB_MIB);
    if (CB_FAILED(fill(router, o, err))) {
        cb_router_free(router);
        return CB_FAIL;
    }
    fill_allow(router);
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
    } methods[] = { { "POST", CB_POST }, { "GET", CB_GET }, { "HEAD", CB_GET } };
    for (size_t i = 0; i < CB_COUNT(methods); i++) {
        if (cb_str_is(method, methods[i].name)) {
            return methods[i].method;
        }
    }
    return CB_METHOD_NONE;
}

cb_status cb_router_find(const struct cb_router *r, struct cb_str method, struct cb_str path,
                         const struct cb_route **out, const char **out_allow, struct cb_err *err)
{
    const enum cb_method wanted = method_of(method);
    const char *allow = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        if (!cb_str_eq(row->path, path)) {
            continue;
        }
        if (row->route->method == wanted) {
            *out = row->route;
            return CB_OK;
        }
        allow = row->allow;
    }
    CB_ENSURE(allow != NULL, CB_E_HTTP_PATH, "no route");
    *out_allow = allow;
    CB_REFUSE(CB_E_HTTP_METHOD, "the route takes %s", allow);
}
