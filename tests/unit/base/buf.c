#include "base/buf.h"

#include <criterion/criterion.h>

Test(buf, holds_exactly_its_bound)
{
    struct cb_buf b;
    cb_buf_init(&b, 300);
    for (int i = 0; i < 300; i++) {
        cb_buf_add_char(&b, 'x');
    }
    cr_assert_not(b.failed);
    cr_assert_eq(b.n, 300);
    cb_buf_add_char(&b, 'x');
    cr_assert(b.failed);
    struct cb_err err = { 0 };
    cr_assert(CB_FAILED(cb_buf_check(&b, &err)));
    cr_assert_eq(err.code, CB_E_LIMIT);
    cb_buf_done(&b);
}

Test(buf, stays_failed_until_it_is_reset)
{
    char memory[4];
    struct cb_buf b;
    cb_buf_over(&b, memory, sizeof memory);
    cb_buf_add_cstr(&b, "12345");
    cb_buf_add_cstr(&b, "1");
    cr_assert(b.failed);
    cr_assert_eq(b.n, 0);
    cb_buf_reset(&b);
    cb_buf_add_cstr(&b, "1234");
    cr_assert_not(b.failed);
    cr_assert(cb_str_is(cb_buf_str(&b), "1234"));
    cb_buf_done(&b);
}

Test(buf, formats_short_text)
{
    struct cb_buf b;
    cb_buf_init(&b, 1000);
    cb_buf_add_fmt(&b, "%d-%s", 7, "x");
    cr_assert(cb_str_is(cb_buf_str(&b), "7-x"));
    cb_buf_add_fmt(&b, "%255s", "");
    cr_assert_not(b.failed);
    cb_buf_add_fmt(&b, "%256s", "");
    cr_assert(b.failed);
    cb_buf_done(&b);
}
