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

Test(clock, reads_times_as_it_writes_them)
{
    static const char *const good[] = { "1970-01-01T00:00:00Z", "2026-02-28T23:59:59Z",
                                        "2024-02-29T12:00:00Z", "9999-12-31T23:59:59Z",
                                        "1969-12-31T23:59:59Z" };
    static const char *const bad[] = { "",
                                       "2026-02-29T00:00:00Z",
                                       "2026-13-01T00:00:00Z",
                                       "2026-01-01T24:00:00Z",
                                       "2026-01-01T00:00:60Z",
                                       "2026-01-01 00:00:00Z",
                                       "2026-01-01T00:00:00z",
                                       "2026-01-01T00:00:00",
                                       "2026-01-01T00:00:00+0",
                                       "2026-01-01T00:00:00Z ",
                                       "2026-01-01T00:00:0aZ",
                                       "+026-01-01T00:00:00Z",
                                       "\xff\xff\xff\xff-01-01T00:00:00Z" };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t t = 7;
        char text[CB_TIME_TEXT];
        cr_assert(cb_time_of(good[i], strlen(good[i]), &t), "%s", good[i]);
        cb_time_text(t, text);
        cr_expect_str_eq(text, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t t = 7;
        cr_expect_not(cb_time_of(bad[i], strlen(bad[i]), &t), "%s", bad[i]);
        cr_expect_eq(t, 7);
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
