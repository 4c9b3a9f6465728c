#include "http/routes.h"

#include <criterion/criterion.h>
#include <stddef.h>

static cb_status endpoint(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                          struct cb_err *err)
{
    (void)app, (void)rq, (void)out, (void)err;
    return CB_OK;
}

struct form {
    struct cb_str a;
    struct cb_param_list b;
};
static const struct cb_param params[] = {
    { .name = "a", .max = 1, .offset = offsetof(struct form, a) },
    { .name = "b", .max = 1, .offset = offsetof(struct form, b), .repeatable = true },
};
static const struct cb_param_table table = { params, 2, sizeof(struct form) };

static const struct cb_route get = {
    .method = CB_GET, .path = "/a", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = endpoint
};
static const struct cb_route post = { .method = CB_POST,
                                      .path = "/token",
                                      .body = CB_BODY_FORM,
                                      .body_max = 1,
                                      .auth = CB_ROUTE_AUTH_CLIENT,
                                      .params = &table,
                                      .endpoint = endpoint };

static enum cb_code made_of(const struct cb_route *routes, size_t count, const char *issuer_path,
                            cb_endpoint authenticate, struct cb_router **out)
{
    const struct cb_listener_options o = {
        .issuer_path = issuer_path, .routes = routes, .route_count = count, .authenticate = authenticate
    };
    struct cb_err err = { 0 };
    return CB_FAILED(cb_router_new(&o, out, &err)) ? err.code : CB_E_NONE;
}

static enum cb_code one(struct cb_route route)
{
    struct cb_router *r = NULL;
    const enum cb_code code = made_of(&route, 1, "", endpoint, &r);
    cb_router_free(r);
    return code;
}

Test(routes, complete_rows_are_taken)
{
    cr_assert_eq(one(get), CB_E_NONE);
    cr_assert_eq(one(post), CB_E_NONE);
}

/* Each differs from a complete row in one thing. */
#define REFUSED(row, change)                                                                                 \
    do {                                                                                                     \
        struct cb_route r = (row);                                                                           \
        r.change;                                                                                            \
        cr_expect_eq(one(r), CB_E_CONFIG, #change);                                                          \
    } while (0)

Test(routes, incomplete_rows_are_refused)
{
    REFUSED(get, method = CB_METHOD_NONE);
    REFUSED(get, path = NULL);
    REFUSED(get, path = "a");
    REFUSED(get, path = "");
    REFUSED(get, auth = CB_ROUTE_AUTH_NONE);
    REFUSED(get, endpoint = NULL);
    REFUSED(post, body_max = 0);
    REFUSED(post, params = NULL);
}

static enum cb_code with_param(struct cb_param p)
{
    const struct cb_param_table t = { &p, 1, sizeof(struct form) };
    struct cb_route r = post;
    r.params = &t;
    return one(r);
}

Test(routes, parameters_lie_inside_the_form)
{
    const size_t last_str = sizeof(struct form) - sizeof(struct cb_str);
    const size_t last_list = sizeof(struct form) - sizeof(struct cb_param_list);
    cr_assert_eq(with_param((struct cb_param){ "p", .max = 1, .offset = last_str }), CB_E_NONE);
    cr_assert_eq(with_param((struct cb_param){ "p", .max = 1, .offset = last_str + 1 }), CB_E_CONFIG);
    cr_assert_eq(with_param((struct cb_param){ "p", .max = 1, .offset = last_list, .repeatable = true }),
                 CB_E_NONE);
    cr_assert_eq(with_param((struct cb_param){ "p", .max = 1, .offset = last_list + 1, .repeatable = true }),
                 CB_E_CONFIG);
    cr_assert_eq(with_param((struct cb_param){ NULL, .max = 1 }), CB_E_CONFIG);
    cr_assert_eq(with_param((struct cb_param){ "p", .max = 0 }), CB_E_CONFIG);
}

Test(routes, a_client_route_needs_an_authenticator)
{
    struct cb_router *r = NULL;
    cr_assert_eq(made_of(&post, 1, "", NULL, &r), CB_E_CONFIG);
    cr_assert_null(r);
}

Test(routes, one_row_for_one_method_and_path)
{
    struct cb_route two[] = { get, get };
    struct cb_router *r = NULL;
    cr_assert_eq(made_of(two, 2, "", endpoint, &r), CB_E_CONFIG);
    two[1].method = CB_POST;
    cr_assert_eq(made_of(two, 2, "", endpoint, &r), CB_E_NONE);
    cb_router_free(r);
}

struct found {
    enum cb_code code;
    const struct cb_route *route;
    const char *allow;
};

static struct found find(const struct cb_router *r, const char *method, const char *path)
{
    struct found f = { 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_router_find(r, cb_str_of(method), cb_str_of(path), &f.route, &f.allow, &err))) {
        f.code = err.code;
    }
    return f;
}

Test(routes, look_up)
{
    struct cb_route rows[] = { get, post, get };
    rows[2].method = CB_POST;
    struct cb_router *r = NULL;
    cr_assert_eq(made_of(rows, 3, "", endpoint, &r), CB_E_NONE);
    cr_assert_eq(find(r, "GET", "/a").route, &rows[0]);
    cr_assert_eq(find(r, "HEAD", "/a").route, &rows[0]);
    cr_assert_eq(find(r, "POST", "/a").route, &rows[2]);
    cr_assert_eq(find(r, "POST", "/token").route, &rows[1]);
    cr_assert_eq(find(r, "POST", "/tokens").code, CB_E_HTTP_PATH);
    cr_assert_eq(find(r, "POST", "/toke").code, CB_E_HTTP_PATH);
    cr_assert_eq(find(r, "POST", "").code, CB_E_HTTP_PATH);
    for (size_t i = 0; i < 3; i++) {
        static const char *const others[] = { "PUT", "post", "" };
        const struct found f = find(r, others[i], "/a");
        cr_assert_eq(f.code, CB_E_HTTP_METHOD);
        cr_assert_str_eq(f.allow, "GET, HEAD, POST");
    }
    cr_assert_str_eq(find(r, "GET", "/token").allow, "POST");
    cb_router_free(r);
}

Test(routes, the_issuer_path)
{
    struct cb_route rows[] = { get, get };
    rows[1].path = "/.well-known/x";
    rows[1].place = CB_PLACE_WELL_KNOWN;
    struct cb_router *r = NULL;
    cr_assert_eq(made_of(rows, 2, "/t1", endpoint, &r), CB_E_NONE);
    cr_assert_eq(find(r, "GET", "/t1/a").route, &rows[0]);
    cr_assert_eq(find(r, "GET", "/.well-known/x/t1").route, &rows[1]);
    cr_assert_eq(find(r, "GET", "/a").code, CB_E_HTTP_PATH);
    cr_assert_eq(find(r, "GET", "/t1/.well-known/x").code, CB_E_HTTP_PATH);
    cb_router_free(r);
}
