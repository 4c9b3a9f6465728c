#include "cert/der_time.h"

#include <criterion/criterion.h>

static const struct {
    struct cb_str der;
    bool taken;
    int64_t seconds;
} rows[] = {
    { CB_STR("\x17\x0d"
             "700101000000Z"),
      true, 0 },
    { CB_STR("\x17\x0d"
             "500101000000Z"),
      true, -631152000 }, /* 50 to 99: 19.. */
    { CB_STR("\x17\x0d"
             "491231235959Z"),
      true, 2524607999 },
    { CB_STR("\x17\x0d"
             "240229120000Z"),
      true, 1709208000 },
    { CB_STR("\x17\x0d"
             "270115080000Z"),
      true, 1800000000 },
    { CB_STR("\x18\x0f"
             "20500101000000Z"),
      true, 2524608000 },
    { CB_STR("\x18\x0f"
             "19700101000001Z"),
      true, 1 },
    { CB_STR("\x18\x0f"
             "99991231235959Z"),
      true, 253402300799 },
    { CB_STR("\x18\x0f"
             "20000229000000Z"),
      true, 951782400 },
    { CB_STR("\x18\x0f"
             "21000229000000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230229120000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230001120000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "231301120000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230132120000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230100120000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230101240000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230101006000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230101000060Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "230101000000z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "2301010000+0Z"),
      false, 0 },
    { CB_STR("\x17\x0b"
             "2301010000Z"),
      false, 0 }, /* seconds are a must */
    { CB_STR("\x17\x11"
             "230101000000+0100"),
      false, 0 },
    { CB_STR("\x18\x11"
             "20500101000000.5Z"),
      false, 0 },
    { CB_STR("\x18\x0d"
             "700101000000Z"),
      false, 0 },
    { CB_STR("\x17\x0d"
             "70010100000"),
      false, 0 },
    { CB_STR("\x16\x0d"
             "700101000000Z"),
      false, 0 },
    { CB_STR(""), false, 0 },
};

Test(der_time, takes_a_time_or_nothing)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_str rest = rows[i].der;
        int64_t seconds = 0;
        cr_expect_eq(cb_der_take_time(&rest, &seconds), rows[i].taken, "row %zu", i);
        cr_expect_eq(seconds, rows[i].seconds, "row %zu: %lld", i, (long long)seconds);
        cr_expect_eq(rest.n, rows[i].taken ? 0 : rows[i].der.n, "row %zu", i);
    }
}
