#include "http/reply.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

static struct cb_arena arena;
static struct cb_request request;
static struct cb_err err;
static struct cb_rendered out;
static const struct cb_reply_context tls = { .tls = true };

static void setup(void)
{
    cb_arena_init(&arena, CB_LIMIT_REQUEST_ARENA);
    request = (struct cb_request){ .arena = &arena, .id = "abc" };
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(reply, .init = setup, .fini = teardown);

static const char *header(const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < out.header_count; i++) {
        if (strcmp(out.headers[i].name, name) == 0) {
            cr_assert_null(value, "%s twice", name);
            value = out.headers[i].value;
        }
    }
    return value;
}

static void render(const struct cb_reply *reply)
{
    cr_assert(!CB_FAILED(cb_reply_render(&tls, &request, reply, &out, &err)), "%s", err.detail);
}

Test(reply, token)
{
    const struct cb_reply reply = {
        .kind = CB_REPLY_TOKEN,
        .token = { .access_token = CB_STR("t.o.k"), .expires_in = 300, .scope = CB_STR("a b") }
    };
    render(&reply);
    cr_assert_eq(out.status, 200);
    cr_assert(cb_str_is(
        out.body,
        "{\"access_token\":\"t.o.k\",\"token_type\":\"Bearer\",\"expires_in\":300,\"scope\":\"a b\"}"));
    cr_assert_str_eq(header("Content-Type"), "application/json");
    cr_assert_str_eq(header("Cache-Control"), "no-store");
    cr_assert_str_eq(header("Pragma"), "no-cache");
    cr_assert_str_eq(header("X-Content-Type-Options"), "nosniff");
    cr_assert_str_eq(header("Strict-Transport-Security"), "max-age=31536000");
    cr_assert_str_eq(header("Certbound-Request-Id"), "abc");
    cr_assert_null(header("Connection"));
}

Test(reply, token_whose_every_byte_needs_an_escape)
{
    char scope[CB_LIMIT_SCOPE];
    memset(scope, 1, sizeof scope);
    const struct cb_reply reply = {
        .kind = CB_REPLY_TOKEN,
        .token = { .access_token = CB_STR("t"), .expires_in = INT64_MIN, .scope = { scope, sizeof scope } }
    };
    render(&reply);
    cr_assert_gt(out.body.n, 6 * sizeof scope);
}

Test(reply, token_without_room)
{
    struct cb_arena small;
    cb_arena_init(&small, 64);
    request.arena = &small;
    const struct cb_reply reply = { .kind = CB_REPLY_TOKEN, .token = { .access_token = CB_STR("t") } };
    cr_assert(CB_FAILED(cb_reply_render(&tls, &request, &reply, &out, &err)));
    cr_assert_eq(err.code, CB_E_MEMORY);
    cb_reply_render_error(&tls, &request, &(struct cb_refusal){ CB_E_MEMORY, NULL, NULL }, &out);
    cr_assert_eq(out.status, 500);
    cr_assert(cb_str_is(out.body, "{\"error\":\"server_error\"}"));
    cb_arena_done(&small);
}

Test(reply, what_was_not_decided_is_an_error)
{
    const struct cb_reply replies[] = {
        { .kind = CB_REPLY_NONE },
        { .kind = CB_REPLY_DOCUMENT },
        { .kind = CB_REPLY_TEXT },
        { .kind = CB_REPLY_TEXT, .status = 199 },
        { .kind = CB_REPLY_TEXT, .status = 600 },
        { .kind = (enum cb_reply_kind)99 },
        { .kind = (enum cb_reply_kind) - 1 },
    };
    for (size_t i = 0; i < CB_COUNT(replies); i++) {
        err = (struct cb_err){ 0 };
        cr_assert(CB_FAILED(cb_reply_render(&tls, &request, &replies[i], &out, &err)), "%zu", i);
        cr_assert_eq(err.code, CB_E_INTERNAL);
    }
}

static void ask_document(struct cb_document *d, const char *if_none_match, unsigned status)
{
    const struct cb_reply reply = { .kind = CB_REPLY_DOCUMENT, .document = d };
    request.if_none_match = cb_str_of(if_none_match);
    render(&reply);
    cr_assert_eq(out.status, status, "%s", if_none_match);
    cr_assert(cb_str_is(out.body, status == 200 ? "{}" : ""));
    cr_assert_str_eq(header("ETag"), d->etag);
    cr_assert_str_eq(header("Cache-Control"), "max-age=1");
    cr_assert_null(header("Pragma"));
}

Test(reply, document)
{
    struct cb_document *d = cb_document_new(CB_STR("{}"), "application/json", "max-age=1");
    char text[128];
    static const struct {
        const char *before, *behind;
        unsigned status;
    } cases[] = { { "", "", 304 },   { "W/", "", 304 },     { "\"x\", ", "", 304 }, { " \t", "\t ", 304 },
                  { "x", "", 200 },  { "", ",\"x\"", 304 }, { "", "x", 200 },       { ",,", "", 304 },
                  { "w/", "", 200 }, { "W/ ", "", 200 },    { "W/W/", "", 200 } };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        (void)snprintf(text, sizeof text, "%s%s%s", cases[i].before, d->etag, cases[i].behind);
        ask_document(d, text, cases[i].status);
    }
    ask_document(d, "*", 304);
    ask_document(d, "", 200);
    ask_document(d, "W/", 200);
    ask_document(d, NULL, 200);
    cb_document_unref(d);
}

Test(reply, errors)
{
    static const struct {
        enum cb_code code;
        unsigned status;
        const char *error;
    } cases[] = {
        { CB_E_HTTP_PATH, 404, "\"not_found\"" },
        { CB_E_HTTP_METHOD, 405, "\"invalid_request\"" },
        { CB_E_HTTP_BODY_TOO_LARGE, 413, "\"invalid_request\"" },
        { CB_E_HTTP_MEDIA_TYPE, 415, "\"invalid_request\"" },
        { CB_E_HTTP_HEADER_TOO_LARGE, 431, "\"invalid_request\"" },
        { CB_E_HTTP_AMBIGUOUS, 400, "\"invalid_request\"" },
        { CB_E_INTERNAL, 500, "\"server_error\"" },
        { CB_E_NONE, 500, "\"server_error\"" },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        cb_reply_render_error(&tls, &request, &(struct cb_refusal){ cases[i].code, NULL, NULL }, &out);
        cr_assert_eq(out.status, cases[i].status);
        cr_assert_not_null(memmem(out.body.p, out.body.n, cases[i].error, strlen(cases[i].error)));
        cr_assert_str_eq(header("Cache-Control"), "no-store");
        cr_assert_str_eq(header("Pragma"), "no-cache");
        cr_assert_null(header("WWW-Authenticate"));
    }
}

/* RFC 6749 section 5.2: %x20-21 / %x23-5B / %x5D-7E. */
Test(reply, every_error_body_fits_and_keeps_to_its_characters)
{
    for (int code = 0; code < CB_E__MAX; code++) {
        cb_reply_render_error(&tls, &request, &(struct cb_refusal){ (enum cb_code)code, NULL, NULL }, &out);
        cr_assert_not_null(memmem(out.body.p, out.body.n, "\"error_description\":\"", 21), "%d", code);
        cr_assert_null(memchr(out.body.p, '\\', out.body.n));
        for (size_t i = 0; i < out.body.n; i++) {
            cr_assert(out.body.p[i] >= 0x20 && out.body.p[i] < 0x7f);
        }
        cb_arena_reset(&arena);
    }
}

Test(reply, allow_and_closing)
{
    const struct cb_reply_context plain = { .closing = true };
    cb_reply_render_error(&plain, &request, &(struct cb_refusal){ CB_E_HTTP_METHOD, "POST", NULL }, &out);
    cr_assert_str_eq(header("Allow"), "POST");
    cr_assert_str_eq(header("Connection"), "close");
    cr_assert_null(header("Strict-Transport-Security"));
}

Test(reply, challenge)
{
    static const struct {
        const char *tried, *challenge;
    } cases[] = {
        { "Basic x", "Basic realm=\"certbound\"" },   { "BASIC x", "Basic realm=\"certbound\"" },
        { "Basic", "Bearer realm=\"certbound\"" },    { "Basically x", "Bearer realm=\"certbound\"" },
        { "Bearer x", "Bearer realm=\"certbound\"" }, { "", "Bearer realm=\"certbound\"" }
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        request.authorization = cb_str_of(cases[i].tried);
        cb_reply_render_error(&tls, &request, &(struct cb_refusal){ CB_E_CLIENT_AUTH_HEADER, NULL, NULL },
                              &out);
        cr_assert_eq(out.status, 401);
        cr_assert_str_eq(header("WWW-Authenticate"), cases[i].challenge);
    }
}

Test(reply, a_request_without_an_id_has_no_header_for_it)
{
    request.id[0] = '\0';
    cb_reply_render_error(&tls, &request, &(struct cb_refusal){ CB_E_CRYPTO, NULL, NULL }, &out);
    cr_assert_null(header("Certbound-Request-Id"));
}

Test(reply, json_with_its_validators)
{
    const struct cb_reply reply = {
        .kind = CB_REPLY_JSON, .status = 201, .text = CB_STR("{}"), .etag = "\"3\"", .location = "/register/a"
    };
    render(&reply);
    cr_assert_eq(out.status, 201);
    cr_assert(cb_str_is(out.body, "{}"));
    cr_assert_str_eq(header("Content-Type"), "application/json");
    cr_assert_str_eq(header("Cache-Control"), "no-store");
    cr_assert_str_eq(header("ETag"), "\"3\"");
    cr_assert_str_eq(header("Location"), "/register/a");
}

Test(reply, empty)
{
    const struct cb_reply reply = { .kind = CB_REPLY_EMPTY };
    render(&reply);
    cr_assert_eq(out.status, 204);
    cr_assert_eq(out.body.n, 0);
    cr_assert_null(header("Content-Type"));
}

static void refuse(const struct cb_reply_context *c, enum cb_code code)
{
    cb_reply_render_error(c, &request, &(struct cb_refusal){ code, NULL, NULL }, &out);
}

Test(reply, problems_are_told_one_by_one)
{
    struct cb_buf problems;
    char memory[64];
    cb_buf_over(&problems, memory, sizeof memory);
    cb_buf_add_cstr(&problems, "a: \"b\"\nc\n");
    request.problems = &problems;
    refuse(&tls, CB_E_FORM_MALFORMED);
    request.problems = NULL;
    cr_assert_not_null(strstr(out.body.p, ",\"problems\":[\"a: \\\"b\\\"\",\"c\"]}"), "%s", out.body.p);
}

/* Neither a long list nor an arena that is nearly used up hides the error itself. */
Test(reply, problems_that_do_not_fit_are_left_out)
{
    struct cb_buf problems;
    char memory[4096];
    cb_buf_over(&problems, memory, sizeof memory);
    for (size_t i = 0; i < 1000; i++) {
        cb_buf_add_cstr(&problems, "\x01\x02\n");
    }
    request.problems = &problems;
    refuse(&tls, CB_E_FORM_MALFORMED);
    cr_assert_not_null(memmem(out.body.p, out.body.n, "\"\\u0001\\u0002\"]}", 16));
    cb_arena_reset(&arena);
    arena.max = 4096;
    refuse(&tls, CB_E_FORM_MALFORMED);
    request.problems = NULL;
    cr_assert_not_null(memmem(out.body.p, out.body.n, "\"error\":\"invalid_request\"", 25));
    cr_assert_null(memmem(out.body.p, out.body.n, "problems", 8));
}

Test(reply, a_problem_document)
{
    const struct cb_reply_context admin = { .tls = true, .problem_documents = true };
    refuse(&admin, CB_E_CERT_MISSING);
    cr_assert(cb_str_is(
        out.body, "{\"type\":\"urn:certbound:problem:certificate_missing\",\"title\":\"no client certificate "
                  "was presented in the TLS handshake\",\"status\":400,\"reason\":\"certificate_missing\","
                  "\"request\":\"abc\"}"));
    cr_assert_str_eq(header("Content-Type"), "application/problem+json");
}

Test(reply, what_may_be_tried_again_says_when)
{
    refuse(&tls, CB_E_HTTP_NOT_READY);
    cr_assert_str_eq(header("Retry-After"), "1");
    request.retry_after_s = 30;
    refuse(&tls, CB_E_HTTP_NOT_READY);
    cr_assert_str_eq(header("Retry-After"), "30");
    refuse(&tls, CB_E_FORM_MALFORMED);
    cr_assert_null(header("Retry-After"));
}
