#include "base/str.h"

#include <criterion/criterion.h>

Test(str, compares)
{
    cr_assert(cb_str_eq(CB_STR("a\0b"), CB_STR("a\0b")));
    cr_assert_not(cb_str_eq(CB_STR("a\0b"), CB_STR("a\0c")));
    cr_assert_not(cb_str_is(CB_STR("a\0"), "a"));
    cr_assert(cb_str_eq((struct cb_str){ NULL, 0 }, CB_STR("")));
    cr_assert(cb_str_eq_nocase(CB_STR("aBz["), CB_STR("AbZ[")));
    cr_assert_not(cb_str_eq_nocase(CB_STR("["), CB_STR("{")), "only letters fold");
    cr_assert(cb_str_starts(CB_STR("ab"), CB_STR("ab")) && !cb_str_starts(CB_STR("a"), CB_STR("ab")));
}

Test(str, splits)
{
    struct cb_str rest = CB_STR("a  b "), part;
    const char *want[] = { "a", "", "b", "" };
    for (size_t i = 0; i < CB_COUNT(want); i++) {
        cr_assert(cb_str_next(&rest, ' ', &part));
        cr_assert(cb_str_is(part, want[i]));
    }
    cr_assert_not(cb_str_next(&rest, ' ', &part));
    rest = CB_STR("");
    cr_assert(cb_str_next(&rest, ' ', &part));
    cr_assert_eq(part.n, 0);
    cr_assert_not(cb_str_next(&rest, ' ', &part));
}
