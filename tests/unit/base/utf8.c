#include "base/utf8.h"

#include <criterion/criterion.h>

Test(utf8, knows_the_borders_of_rfc3629)
{
    static const struct {
        struct cb_str s;
        bool valid;
    } rows[] = {
        { CB_STR(""), true },
        { CB_STR("az\x7f"), true },
        { CB_STR("\xc2\x80\xdf\xbf"), true },
        { CB_STR("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), true },
        { CB_STR("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true },
        { CB_STR("\x80"), false },
        { CB_STR("\xc0\x80"), false },
        { CB_STR("\xc1\xbf"), false },
        { CB_STR("\xc2"), false },
        { CB_STR("\xc2\xc0"), false },
        { CB_STR("\xe0\x9f\xbf"), false },
        { CB_STR("\xed\xa0\x80"), false },
        { CB_STR("\xe1\x80"), false },
        { CB_STR("\xe1\x80\x7f"), false },
        { CB_STR("\xf0\x8f\xbf\xbf"), false },
        { CB_STR("\xf4\x90\x80\x80"), false },
        { CB_STR("\xf5\x80\x80\x80"), false },
        { CB_STR("\xf1\x80\x80"), false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_expect_eq(cb_utf8_valid(rows[i].s), rows[i].valid, "row %zu", i);
    }
}
