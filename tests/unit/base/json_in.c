#include "base/json_in.h"

#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/limits.h"

static enum cb_code parse(struct cb_str text)
{
    json_auto_t *j = NULL;
    struct cb_err err = { 0 };
    const cb_status st = cb_json_object(text, &j, &err);
    cr_assert_eq(CB_FAILED(st), j == NULL);
    return err.code;
}

Test(json_in, takes_one_object_and_nothing_else)
{
    static const struct {
        struct cb_str text;
        enum cb_code code;
    } rows[] = {
        { CB_STR("{}"), CB_E_NONE },
        { CB_STR(" {\"a\":[1,{\"b\":\"c\"}]}\n"), CB_E_NONE },
        { CB_STR("{\"a\":\"}{[\\\"\"}"), CB_E_NONE },
        { CB_STR(""), CB_E_JSON },
        { CB_STR("[]"), CB_E_JSON },
        { CB_STR("\"a\""), CB_E_JSON },
        { CB_STR("{} x"), CB_E_JSON },
        { CB_STR("{}\0"), CB_E_JSON },
        { CB_STR("{\"a\":1,\"a\":1}"), CB_E_JSON },
        { CB_STR("{\"a\":{\"b\":1,\"\\u0062\":1}}"), CB_E_JSON },
        { CB_STR("{\"a\":\"\\u0000\"}"), CB_E_JSON },
        { CB_STR("{\"a\\u0000b\":1}"), CB_E_JSON },
        { CB_STR("{\"a\":\"\xff\"}"), CB_E_JSON },
        { CB_STR("{\"a\":\"\xc0\x80\"}"), CB_E_JSON },
        { CB_STR("{\"a\":\"\\ud800\"}"), CB_E_JSON },
        { CB_STR("{a:1}"), CB_E_JSON },
        { CB_STR("{\"a\":1e999}"), CB_E_JSON },
        { CB_STR("{\"a\":99999999999999999999}"), CB_E_JSON },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_expect_eq(parse(rows[i].text), rows[i].code, "row %zu", i);
    }
}

Test(json_in, says_what_is_wrong_and_where)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        { "-----BEGIN CERTIFICATE-----", "JSON does not parse at byte 1: wrong syntax" },
        { "", "JSON does not parse at byte 0: it ends too early" },
        { "{} x", "JSON does not parse at byte 4: something stands behind it" },
        { "{\"a\":\"\\u0000\"}", "JSON does not parse at byte 13: a NUL character" },
        { "{\"a\":1,\"a\":1}", "JSON does not parse at byte 10: a member twice" },
        { "{\"a\":1e999}", "JSON does not parse at byte 10: a number too large" },
        { "{\"a\":\"\xff\"}", "JSON does not parse at byte 6: not UTF-8" },
        { "[]", "JSON is not an object" },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        json_auto_t *j = NULL;
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_json_object(cb_str_of(rows[i].text), &j, &err)));
        cr_expect_str_eq(err.detail, rows[i].said);
    }
}

Test(json_in, bounds_the_depth)
{
    for (size_t depth = CB_LIMIT_JSON_DEPTH; depth <= CB_LIMIT_JSON_DEPTH + 1; depth++) {
        struct cb_buf b;
        cb_buf_init(&b, 1000);
        cb_buf_add_cstr(&b, "{\"a\":");
        for (size_t i = 1; i < depth; i++) {
            cb_buf_add_char(&b, '[');
        }
        for (size_t i = 1; i < depth; i++) {
            cb_buf_add_char(&b, ']');
        }
        cb_buf_add_char(&b, '}');
        cr_expect_eq(parse(cb_buf_str(&b)), depth > CB_LIMIT_JSON_DEPTH ? CB_E_JSON : CB_E_NONE);
        cb_buf_done(&b);
    }
}

Test(json_in, getters_refuse_other_types)
{
    json_auto_t *j = NULL;
    cr_assert_not(CB_FAILED(cb_json_object(CB_STR("{\"s\":\"x\",\"i\":7,\"r\":7.0,\"n\":null}"), &j, NULL)));
    struct cb_str s = { 0 };
    int64_t i = 0;
    cr_assert(cb_json_get_str(j, "s", &s) && cb_str_is(s, "x"));
    cr_assert(cb_json_get_int(j, "i", &i) && i == 7);
    cr_assert_not(cb_json_get_str(j, "i", &s));
    cr_assert_not(cb_json_get_str(j, "absent", &s));
    cr_assert_not(cb_json_get_int(j, "r", &i));
    cr_assert_not(cb_json_get_int(j, "n", &i));
}
