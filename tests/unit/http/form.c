#include "http/form.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"

struct form {
    struct cb_str grant_type, scope, word;
    struct cb_param_list resources;
};

static bool is_word(struct cb_str s)
{
    return s.p[0] != '!';
}

static const struct cb_param params[] = {
    { .name = "grant_type", .required = true, .max = 20, .offset = offsetof(struct form, grant_type) },
    { .name = "scope", .max = 10, .offset = offsetof(struct form, scope) },
    { .name = "word", .max = 10, .valid = is_word, .offset = offsetof(struct form, word) },
    { .name = "resource", .max = 5, .offset = offsetof(struct form, resources), .repeatable = true },
};
static const struct cb_param_table table = { .params = params,
                                             .count = CB_COUNT(params),
                                             .form_size = sizeof(struct form) };

struct bound {
    enum cb_code code;
    const struct form *form;
    struct cb_str client_id;
};

static struct cb_arena arena;

static struct bound bind_n(const char *body, size_t n)
{
    cb_arena_init(&arena, CB_LIMIT_REQUEST_ARENA);
    char *copy = cb_arena_alloc(&arena, n); /* exactly as long, for the sanitizer */
    memcpy(copy, body, n);
    struct bound b = { 0 };
    struct cb_err err = { 0 };
    const void *form = NULL;
    if (CB_FAILED(cb_form_bind(&arena, &table, copy, n, &form, &b.client_id, &err))) {
        b.code = err.code;
    }
    b.form = form;
    return b;
}

static struct bound bind(const char *body)
{
    return bind_n(body, strlen(body));
}

static bool is(struct cb_str s, const char *expected)
{
    return cb_str_is(s, expected);
}

Test(form, binds_what_the_table_names)
{
    const struct bound b =
        bind("grant_type=client_credentials&scope=a+b%20c&client_id=me&x=1&resource=r1&resource=r2");
    cr_assert_eq(b.code, CB_E_NONE);
    cr_assert(is(b.form->grant_type, "client_credentials"));
    cr_assert(is(b.form->scope, "a b c"));
    cr_assert(is(b.client_id, "me"));
    cr_assert_eq(b.form->resources.count, 2);
    cr_assert(is(b.form->resources.values[0], "r1") && is(b.form->resources.values[1], "r2"));
    cr_assert_eq(b.form->word.n, 0);
    cb_arena_done(&arena);
}

struct codes {
    char body[112];
    enum cb_code code;
};

ParameterizedTestParameters(form, codes)
{
    static struct codes cases[] = {
        { "", CB_E_PARAMETER_MISSING },
        { "grant_type=", CB_E_PARAMETER_MISSING },
        { "grant_type", CB_E_PARAMETER_MISSING },
        { "scope=a", CB_E_PARAMETER_MISSING },
        { "grant_type=a", CB_E_NONE },
        { "&&grant_type=a&&", CB_E_NONE },
        { "grant_type=a&scope=", CB_E_NONE },
        { "grant_type=a&scope", CB_E_NONE },
        { "grant_type=a=b", CB_E_NONE },
        { "%67rant_type=a", CB_E_NONE },

        { "grant_type=a&grant_type=a", CB_E_PARAMETER_REPEATED },
        { "grant_type=a&grant_type=", CB_E_PARAMETER_REPEATED },
        { "grant_type=&grant_type=a", CB_E_PARAMETER_REPEATED },
        { "grant_type=a&%67rant_type=b", CB_E_PARAMETER_REPEATED },
        { "grant_type=a&x=1&x=2", CB_E_PARAMETER_REPEATED },
        { "grant_type=a&=&=", CB_E_PARAMETER_REPEATED },
        { "grant_type=a&client_id=a&client_id=a", CB_E_PARAMETER_REPEATED },
        { "grant_type=a&x=1&X=2", CB_E_NONE },
        { "grant_type=a&resource=1&resource=2&resource=3&resource=4&resource=5&resource=6&resource=7&"
          "resource=8",
          CB_E_NONE },

        { "grant_type=12345678901234567890", CB_E_NONE },
        { "grant_type=123456789012345678901", CB_E_PARAMETER_TOO_LONG },
        { "grant_type=%41%41%41%41%41%41%41%41%41%41%41%41%41%41%41%41%41%41%41%41", CB_E_NONE },
        { "grant_type=a&resource=12345", CB_E_NONE },
        { "grant_type=a&resource=123456", CB_E_PARAMETER_TOO_LONG },
        { "grant_type=a&word=x", CB_E_NONE },
        { "grant_type=a&word=", CB_E_NONE },
        { "grant_type=a&word=!", CB_E_PARAMETER_MALFORMED },

        { "grant_type=%", CB_E_FORM_MALFORMED },
        { "grant_type=%4", CB_E_FORM_MALFORMED },
        { "grant_type=a%4&scope=1", CB_E_FORM_MALFORMED },
        { "grant_type=%4g", CB_E_FORM_MALFORMED },
        { "grant_type=%g4", CB_E_FORM_MALFORMED },
        { "grant_type=% 4", CB_E_FORM_MALFORMED },
        { "grant_type=%+4", CB_E_FORM_MALFORMED },
        { "grant_type=a&%=b", CB_E_FORM_MALFORMED },
        { "grant_type=%00", CB_E_FORM_MALFORMED },
        { "grant_type=a&x=%00", CB_E_FORM_MALFORMED },
        { "grant_type=a&x%00=1", CB_E_FORM_MALFORMED },
        { "grant_type=a%0a", CB_E_FORM_MALFORMED },
        { "grant_type=a\n", CB_E_FORM_MALFORMED },
        { "grant_type=a%1f", CB_E_FORM_MALFORMED },
        { "grant_type=a%20", CB_E_NONE },
        { "grant_type=a%7f", CB_E_FORM_MALFORMED },
        { "grant_type=a%ff", CB_E_FORM_MALFORMED },
        { "grant_type=%c3%a9", CB_E_NONE },
        { "grant_type=\xc3\xa9", CB_E_NONE },
        { "grant_type=%c3", CB_E_FORM_MALFORMED },
        { "grant_type=%c3&scope=%a9", CB_E_FORM_MALFORMED },
        { "grant_type=%c0%80", CB_E_FORM_MALFORMED },
        { "grant_type=%ed%a0%80", CB_E_FORM_MALFORMED },
    };
    return cr_make_param_array(struct codes, cases, CB_COUNT(cases));
}

ParameterizedTest(struct codes *c, form, codes)
{
    cr_assert_eq(bind(c->body).code, c->code, "%s", c->body);
    cb_arena_done(&arena);
}

Test(form, a_nul_byte_is_malformed)
{
    cr_assert_eq(bind_n("grant_type=a\0b", 14).code, CB_E_FORM_MALFORMED);
    cb_arena_done(&arena);
}

Test(form, every_escape_decodes)
{
    for (int c = 0x20; c < 0x7f; c++) {
        char body[32];
        const char expected[] = { (char)c, '\0' };
        (void)snprintf(body, sizeof body, c % 2 ? "grant_type=%%%02x" : "grant_type=%%%02X", c);
        const struct bound b = bind(body);
        cr_assert(b.code == CB_E_NONE && is(b.form->grant_type, expected), "%s", body);
        cb_arena_done(&arena);
    }
}

static enum cb_code with_parameters(size_t count)
{
    char body[CB_LIMIT_FORM_PARAMETERS * 8] = "grant_type=a";
    for (size_t i = 1; i < count; i++) {
        (void)snprintf(body + strlen(body), 8, "&x%02u=1", (unsigned)i & 127);
    }
    const enum cb_code code = bind(body).code;
    cb_arena_done(&arena);
    return code;
}

Test(form, at_most_so_many_parameters)
{
    cr_assert_eq(with_parameters(CB_LIMIT_FORM_PARAMETERS), CB_E_NONE);
    cr_assert_eq(with_parameters(CB_LIMIT_FORM_PARAMETERS + 1), CB_E_FORM_MALFORMED);
}

Test(form, at_most_eight_of_a_repeatable)
{
    char memory[256];
    struct cb_buf body;
    cb_buf_over(&body, memory, sizeof memory);
    cb_buf_add_cstr(&body, "grant_type=a");
    for (int i = 0; i < 9; i++) {
        cb_buf_add_cstr(&body, "&resource=r");
    }
    cr_assert_eq(bind_n(body.p, body.n).code, CB_E_PARAMETER_REPEATED);
    cb_arena_done(&arena);
}

Test(form, client_id_has_a_bound_of_its_own)
{
    char body[CB_LIMIT_CLIENT_ID + 64] = "grant_type=a&client_id=";
    memset(body + strlen(body), 'c', CB_LIMIT_CLIENT_ID);
    const struct bound b = bind(body);
    cr_assert_eq(b.code, CB_E_NONE);
    cr_assert_eq(b.client_id.n, CB_LIMIT_CLIENT_ID);
    cb_arena_done(&arena);
    body[strlen(body)] = 'c';
    cr_assert_eq(bind(body).code, CB_E_PARAMETER_TOO_LONG);
    cb_arena_done(&arena);
}

Test(form, nothing_is_written_on_failure)
{
    const struct bound b = bind("client_id=a&scope=b");
    cr_assert_eq(b.code, CB_E_PARAMETER_MISSING);
    cr_assert_null(b.form);
    cr_assert_eq(b.client_id.n, 0);
    cb_arena_done(&arena);
}

Test(form, a_full_arena_is_an_error)
{
    struct cb_arena small;
    cb_arena_init(&small, 64);
    char body[] = "grant_type=a";
    const void *form = NULL;
    struct cb_str id = { 0 };
    struct cb_err err = { 0 };
    cr_assert(CB_FAILED(cb_form_bind(&small, &table, body, strlen(body), &form, &id, &err)));
    cr_assert_eq(err.code, CB_E_MEMORY);
    cb_arena_done(&small);
}
