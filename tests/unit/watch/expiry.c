#include "watch/expiry.h"

#include <criterion/criterion.h>

#include "base/str.h"

enum { DAY = 86400 };

/* One of a year, which ends in so many days. */
static int note(struct cb_expiry *e, char name, int64_t days)
{
    const struct cb_x5t x = { .b = { (uint8_t)name } };
    return cb_expiry_note(e, CB_OF_CLIENT, &x, (struct cb_lifetime){ (days - 365) * DAY, days * DAY }, 0);
}

/* 31 days: no warning; then one at each step, once. */
Test(expiry, warns_once_at_each_step)
{
    static const struct {
        int64_t days;
        int warned; /* days of the step; -1: not */
    } rows[] = { { 31, -1 }, { 30, 30 }, { 29, -1 }, { 15, -1 }, { 14, 14 }, { 8, -1 },  { 7, 7 },  { 7, -1 },
                 { 2, -1 },  { 1, 1 },   { 1, -1 },  { 0, -1 },  { -1, 0 },  { -2, -1 }, { 40, -1 } };
    struct cb_expiry e = { .told = NULL };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const int step = note(&e, 'a', rows[i].days);
        cr_expect_eq(step < 0 ? -1 : cb_expiry_steps[step], rows[i].warned, "%lld days",
                     (long long)rows[i].days);
    }
    cb_expiry_done(&e);
}

/* Whoever is late hears of the nearest step alone. */
Test(expiry, of_each_certificate_by_itself)
{
    struct cb_expiry e = { .told = NULL };
    for (int i = 0; i < 200; i++) {
        cr_expect_eq(cb_expiry_steps[note(&e, (char)i, 5)], 7);
        cr_expect_eq(note(&e, (char)i, 5), -1);
    }
    const struct cb_x5t x = { .b = { 'a' } };
    cr_expect_eq(
        cb_expiry_steps[cb_expiry_note(&e, CB_OF_ANCHOR, &x, (struct cb_lifetime){ -DAY * 9, 5 * DAY }, 0)],
        7);
    cb_expiry_done(&e);
}

Test(expiry, counts_what_ends_within)
{
    struct cb_expiry e = { .told = NULL };
    static const int64_t ends[] = { -3, 0, 1, 2, 7, 14, 30, 31, 400 };
    for (size_t i = 0; i < CB_COUNT(ends); i++) {
        (void)note(&e, (char)i, ends[i]);
    }
    static const uint64_t within[CB_EXPIRY_STEPS] = { 1, 3, 5, 6, 7 };
    for (size_t i = 0; i < CB_EXPIRY_STEPS; i++) {
        cr_expect_eq(e.counts.kinds[CB_OF_CLIENT].within[i], within[i], "%d days", cb_expiry_steps[i]);
    }
    cr_expect(e.counts.kinds[CB_OF_CLIENT].any);
    cr_expect_eq(e.counts.kinds[CB_OF_CLIENT].least_days, -3);
    cr_expect_not(e.counts.kinds[CB_OF_SERVER].any);
    cb_expiry_done(&e);
}

/* Twice the step is the shortest life that it is for. */
Test(expiry, short_lives_have_short_warnings)
{
    static const struct {
        int64_t life, left;
        int warned;
    } rows[] = { { 60 * DAY, 30, 30 },     { 60 * DAY - 1, 30, -1 }, { 28 * DAY, 14, 14 },
                 { 28 * DAY - 1, 14, -1 }, { 14 * DAY, 7, 7 },       { 14 * DAY - 1, 7, -1 },
                 { 2 * DAY, 1, 1 },        { 2 * DAY - 1, 1, -1 },   { 3600, 0, -1 },
                 { 3600, -1, 0 } };
    struct cb_expiry e = { .told = NULL };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_x5t x = { .b = { (uint8_t)i } };
        const struct cb_lifetime life = { rows[i].left * DAY - rows[i].life, rows[i].left * DAY };
        const int step = cb_expiry_note(&e, CB_OF_CLIENT, &x, life, 0);
        cr_expect_eq(step < 0 ? -1 : cb_expiry_steps[step], rows[i].warned, "row %zu", i);
    }
    cb_expiry_done(&e);
}

/* Certificates that are gone take no room; a look that did not reach all forgets none. */
Test(expiry, forgets_what_is_gone)
{
    struct cb_expiry e = { .told = NULL };
    cb_expiry_begin(&e);
    cr_expect_neq(note(&e, 'a', 5), -1);
    cr_expect_neq(note(&e, 'b', 5), -1);
    cb_expiry_end(&e, true);
    cb_expiry_begin(&e);
    cr_expect_eq(note(&e, 'b', 5), -1);
    cb_expiry_end(&e, false);
    cr_expect_eq(e.told_count, 2);
    cb_expiry_begin(&e);
    cr_expect_eq(note(&e, 'b', 5), -1);
    cb_expiry_end(&e, true);
    cr_expect_eq(e.told_count, 1);
    cr_expect_eq(note(&e, 'b', 5), -1);
    cr_expect_neq(note(&e, 'a', 5), -1);
    cb_expiry_done(&e);
}

/* Twice as many as are remembered: those for which there is no room are told of again, and no place is lost.
 */
Test(expiry, remembers_so_many)
{
    enum { MOST = 65536 };
    const struct cb_lifetime life = { -360 * DAY, 5 * DAY };
    struct cb_expiry e = { .told = NULL };
    int again = 0;
    for (int look = 0; look < 2; look++) {
        cb_expiry_begin(&e);
        for (uint32_t i = 0; i < 2 * MOST; i++) {
            struct cb_x5t x = { .b = { 0 } };
            memcpy(x.b, &(uint32_t){ i * 2654435761U }, sizeof i);
            again += cb_expiry_note(&e, CB_OF_CLIENT, &x, life, 0) >= 0 && look == 1;
        }
        cb_expiry_end(&e, true);
    }
    cr_expect_eq(e.told_count, MOST);
    cr_expect_eq(again, MOST);
    cb_expiry_begin(&e);
    cb_expiry_end(&e, true);
    cr_expect_eq(e.told_count, 0);
    cb_expiry_done(&e);
}
