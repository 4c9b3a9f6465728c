#include "base/clock.h"

#include <criterion/criterion.h>

Test(clock, writes_rfc3339)
{
    static const struct {
        int64_t t;
        const char *text;
    } rows[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { 1582934400, "2020-02-29T00:00:00Z" },
        { 253402300799, "9999-12-31T23:59:59Z" },
        { 253402300800, "invalid" },
        { -1, "1969-12-31T23:59:59Z" },
        { INT64_MAX, "invalid" },
        { INT64_MIN, "invalid" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[CB_TIME_TEXT];
        cb_time_text(rows[i].t, text);
        cr_expect_str_eq(text, rows[i].text);
    }
}

Test(clock, counts_whole_days)
{
    static const struct {
        int64_t then, now, days;
    } rows[] = {
        { 1000, 1000, 0 }, { 86399, 0, 0 },  { 86400, 0, 1 },  { 172799, 0, 1 },
        { 0, 1, -1 },      { 0, 86400, -1 }, { 0, 86401, -2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(cb_days_left(rows[i].then, rows[i].now), rows[i].days, "row %zu", i);
    }
}

Test(clock, units_agree)
{
    const int64_t s = cb_clock_unix();
    const int64_t ms = cb_clock_unix_ms();
    cr_assert(ms / 1000 - s <= 1);
    cr_assert(cb_clock_monotonic_us() / 1000 - cb_clock_monotonic_ms() <= 0);
}
