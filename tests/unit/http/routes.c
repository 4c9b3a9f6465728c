#include "http/routes.h"

#include <criterion/criterion.h>
#include <stddef.h>

#include "base/limits.h"

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
static const struct cb_param_table table = { .params = params, .count = 2, .form_size = sizeof(struct form) };

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
    const struct cb_listener_options o = { .issuer_path = issuer_path,
                                           .routes = routes,
                                           .route_count = count,
                                           .authenticate = { [CB_ROUTE_AUTH_CLIENT] = authenticate } };
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
    const struct cb_param_table t = { .params = &p, .count = 1, .form_size = sizeof(struct form) };
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
    struct cb_str params[CB_PATH_PARAMS];
};

static struct found find(const struct cb_router *r, const char *method, const char *path)
{
    struct cb_found f = { 0 };
    struct cb_err err = { 0 };
    const bool failed = CB_FAILED(cb_router_find(r, cb_str_of(method), cb_str_of(path), &f, &err));
    struct found out = { .code = failed ? err.code : CB_E_NONE, .route = f.route, .allow = f.allow };
    memcpy(out.params, f.params, sizeof out.params);
    return out;
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

static struct cb_route at(enum cb_method method, const char *path)
{
    return (
        struct cb_route){ .method = method, .path = path, .auth = CB_ROUTE_AUTH_OPEN, .endpoint = endpoint };
}

Test(routes, a_parameter_is_one_segment)
{
    const struct cb_route rows[] = { at(CB_GET, "/clients/{id}"),    at(CB_PUT, "/clients/{id}"),
                                     at(CB_DELETE, "/clients/{id}"), at(CB_PATCH, "/clients/{id}"),
                                     at(CB_POST, "/clients/search"), at(CB_GET, "/clients/{id}/keys/{kid}") };
    struct cb_router *r = NULL;
    cr_assert_eq(made_of(rows, CB_COUNT(rows), "/t", endpoint, &r), CB_E_NONE);
    cr_assert_eq(find(r, "GET", "/t/clients/a").route, &rows[0]);
    cr_assert(cb_str_is(find(r, "GET", "/t/clients/a%2Fb").params[0], "a%2Fb"));
    cr_assert_eq(find(r, "PUT", "/t/clients/a").route, &rows[1]);
    cr_assert_eq(find(r, "DELETE", "/t/clients/search2").route, &rows[2]);
    cr_assert_eq(find(r, "PATCH", "/t/clients/a").route, &rows[3]);
    cr_assert_str_eq(find(r, "POST", "/t/clients/a").allow, "GET, HEAD, PUT, PATCH, DELETE");
    const struct found two = find(r, "GET", "/t/clients/a/keys/k");
    cr_assert_eq(two.route, &rows[5]);
    cr_assert(cb_str_is(two.params[0], "a") && cb_str_is(two.params[1], "k") && two.params[2].n == 0);
    static const char *const nowhere[] = {
        "/t/clients",         "/t/clients/",      "/t/clients/a/", "/t/clients//keys/k",  "/t/clients/a/keys",
        "/t/clients/a/keys/", "/t/clients/a/b/k", "/clients/a",    "/t/clients/a/keys/k/"
    };
    for (size_t i = 0; i < CB_COUNT(nowhere); i++) {
        cr_expect_eq(find(r, "GET", nowhere[i]).code, CB_E_HTTP_PATH, "%s", nowhere[i]);
    }
    cb_router_free(r);
}

/* Whatever their order, and also where only the other has the method. */
Test(routes, a_name_comes_before_a_parameter)
{
    for (int turned = 0; turned < 2; turned++) {
        struct cb_route rows[2];
        rows[turned] = at(CB_GET, "/clients/{id}");
        rows[!turned] = at(CB_POST, "/clients/search");
        struct cb_router *r = NULL;
        cr_assert_eq(made_of(rows, 2, "", endpoint, &r), CB_E_NONE);
        cr_assert_eq(find(r, "POST", "/clients/search").route, &rows[!turned]);
        cr_assert_eq(find(r, "GET", "/clients/search").code, CB_E_HTTP_METHOD);
        cr_assert_str_eq(find(r, "GET", "/clients/search").allow, "POST");
        cr_assert_eq(find(r, "GET", "/clients/searching").route, &rows[turned]);
        cb_router_free(r);
    }
}

Test(routes, alike_rows_and_too_many_parameters_are_refused)
{
    struct cb_route two[] = { at(CB_GET, "/a/{x}"), at(CB_GET, "/a/{y}") };
    struct cb_router *r = NULL;
    cr_assert_eq(made_of(two, 2, "", endpoint, &r), CB_E_CONFIG);
    cr_assert_eq(one(at(CB_GET, "/{a}/{b}/{c}")), CB_E_NONE);
    cr_assert_eq(one(at(CB_GET, "/{a}/{b}/{c}/{d}")), CB_E_CONFIG);
    struct cb_route bodied = at(CB_GET, "/a");
    bodied.body = CB_BODY_JSON;
    bodied.body_max = 1;
    cr_assert_eq(one(bodied), CB_E_CONFIG);
}

Test(routes, a_path_parameter_decodes_strictly)
{
    static const struct {
        const char *sent, *decoded; /* NULL: refused */
    } rows[] = {
        { "a", "a" },     { "a%20b", "a b" }, { "a+b", "a+b" }, { "%c3%a9", "\xc3\xa9" }, { "%2e%2e", ".." },
        { "%", NULL },    { "%2", NULL },     { "%zz", NULL },  { "a%2Fb", NULL },        { "a%00", NULL },
        { "a%0a", NULL }, { "%ff", NULL },    { "%7f", NULL },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_arena a;
        struct cb_str out = { 0 };
        struct cb_err err = { 0 };
        cb_arena_init(&a, CB_KIB);
        const bool ok = !CB_FAILED(cb_path_param(&a, cb_str_of(rows[i].sent), &out, &err));
        cr_expect_eq(ok, rows[i].decoded != NULL, "%s", rows[i].sent);
        cr_expect(ok ? cb_str_is(out, rows[i].decoded) : err.code == CB_E_HTTP_PATH, "%s", rows[i].sent);
        cb_arena_done(&a);
    }
}
