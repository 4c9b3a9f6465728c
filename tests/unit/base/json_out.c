#include "base/json_out.h"

#include <criterion/criterion.h>
#include <jansson.h>

Test(json_out, writes_members_in_order)
{
    struct cb_buf b;
    cb_buf_init(&b, 1000);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "s", "a\"b\\c\n\x7f");
    cb_json_put_int(&j, "i", -42);
    cb_json_key(&j, "a");
    cb_json_open(&j, '[');
    cb_json_int(&j, INT64_MIN);
    cb_json_int(&j, INT64_MAX);
    cb_json_bool(&j, true);
    cb_json_cstr(&j, NULL);
    cb_json_open(&j, '{');
    cb_json_close(&j, '}');
    cb_json_close(&j, ']');
    cb_json_put_time(&j, "t", 0);
    cb_json_close(&j, '}');
    cb_buf_add_char(&b, '\0');
    cr_assert_str_eq(b.p, "{\"s\":\"a\\\"b\\\\c\\u000a\\u007f\",\"i\":-42,\"a\":[-9223372036854775808,"
                          "9223372036854775807,true,null,{}],\"t\":\"1970-01-01T00:00:00Z\"}");
    cb_buf_done(&b);
}

Test(json_out, any_bytes_give_valid_json)
{
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            const char bytes[] = { (char)first, (char)second, 'z' };
            struct cb_buf b;
            cb_buf_init(&b, 100);
            struct cb_json_out j = cb_json_out(&b);
            cb_json_open(&j, '[');
            cb_json_str(&j, (struct cb_str){ bytes, sizeof bytes });
            cb_json_close(&j, ']');
            json_t *back = json_loadb(b.p, b.n, JSON_ALLOW_NUL, NULL);
            cr_assert_not_null(back, "%02x %02x", first, second);
            if (first < 0x80 && second < 0x80) {
                const json_t *s = json_array_get(back, 0);
                cr_assert_eq(json_string_length(s), 3);
                cr_assert_arr_eq(json_string_value(s), bytes, 3);
            }
            json_decref(back);
            cb_buf_done(&b);
        }
    }
}
