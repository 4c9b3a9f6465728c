#include "log/throttle.h"

#include <criterion/criterion.h>

Test(throttle, ten_in_a_second)
{
    struct cb_throttle t = CB_THROTTLE_INIT;
    uint64_t held_back = 99;
    for (int i = 0; i < CB_THROTTLE_PER_SECOND; i++) {
        cr_assert(cb_throttle_pass(&t, 5, &held_back));
        cr_assert_eq(held_back, 0);
    }
    for (int i = 0; i < 3; i++) {
        cr_assert(!cb_throttle_pass(&t, 5, &held_back));
    }
    cr_assert(cb_throttle_pass(&t, 6, &held_back));
    cr_assert_eq(held_back, 3);
    cr_assert(cb_throttle_pass(&t, 6, &held_back));
    cr_assert_eq(held_back, 0);
}
