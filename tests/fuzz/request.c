/* What stands around a body, a line each: method, path, Content-Type, Authorization. */
#include <stdlib.h>

#include "base/limits.h"
#include "http/facts.h"
#include "http/routes.h"
#include "oauth/registration_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static cb_status endpoint(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                          struct cb_err *err)
{
    (void)app, (void)rq, (void)out, (void)err;
    return CB_OK;
}

#define ROUTE(method_, path_)                                                                                \
    {                                                                                                        \
        .method = (method_), .path = (path_), .auth = CB_ROUTE_AUTH_OPEN, .endpoint = endpoint               \
    }
static const struct cb_route routes[] = {
    ROUTE(CB_GET, "/register/{client_id}"),
    ROUTE(CB_DELETE, "/register/{client_id}"),
    ROUTE(CB_GET, "/clients/{client_id}/certificates"),
    ROUTE(CB_GET, "/clients/all/certificates"),
    ROUTE(CB_GET, "/a/{b}/{c}/{d}"),
};
static const struct cb_listener_options options = { .issuer_path = "",
                                                    .routes = routes,
                                                    .route_count = CB_COUNT(routes) };

static bool is_segment(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '/' || (unsigned char)s.p[i] < ' ') {
            return false;
        }
    }
    return s.n > 0;
}

static void find(struct cb_arena *a, struct cb_str method, struct cb_str path)
{
    struct cb_router *router = NULL;
    struct cb_found found = { .route = NULL };
    demand(!CB_FAILED(cb_router_new(&options, &router, NULL)));
    if (!CB_FAILED(cb_router_find(router, method, path, &found, NULL))) {
        demand(found.route != NULL);
        for (size_t i = 0; i < CB_PATH_PARAMS && found.params[i].n > 0; i++) {
            struct cb_str decoded = { 0 };
            demand(is_segment(found.params[i]) || memchr(found.params[i].p, '/', found.params[i].n) == NULL);
            demand(CB_FAILED(cb_path_param(a, found.params[i], &decoded, NULL)) || is_segment(decoded));
        }
    }
    cb_router_free(router);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    struct cb_str rest = { (const char *)data, size }, token = { 0 }, hash = { 0 };
    struct cb_str method = { 0 }, path = { 0 }, media_type = { 0 }, authorization = { 0 };
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    if (cb_str_next(&rest, '\n', &method) && cb_str_next(&rest, '\n', &path) &&
        cb_str_next(&rest, '\n', &media_type) && cb_str_next(&rest, '\n', &authorization)) {
        find(&a, method, path);
        (void)cb_media_type_is(media_type, CB_STR("application/json"));
        if (!CB_FAILED(cb_registration_token_read(&a, authorization, &token, &hash, NULL))) {
            demand(token.n == 43 && hash.n == 32);
        }
    }
    cb_arena_done(&a);
    return 0;
}
