#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/str.h"

static int64_t read_us(clockid_t id)
{
    struct timespec t = { 0 };
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t cb_clock_unix(void)
{
    return read_us(CLOCK_REALTIME) / 1000000;
}

int64_t cb_clock_unix_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

int64_t cb_clock_monotonic_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t cb_clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t cb_days_left(int64_t then, int64_t now)
{
    enum { DAY = 86400 };
    return then >= now ? (then - now) / DAY : -((now - then + DAY - 1) / DAY);
}

void cb_time_text(int64_t unix_seconds, char out[CB_TIME_TEXT])
{
    const time_t t = (time_t)unix_seconds;
    struct tm tm = { 0 };
    if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900 ||
        strftime(out, CB_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        (void)snprintf(out, CB_TIME_TEXT, "invalid");
    }
}

static int number_at(const char *text, size_t at, size_t digits)
{
    int n = 0;
    for (size_t i = at; i < at + digits; i++) {
        n = n * 10 + (text[i] - '0');
    }
    return n;
}

/* What the numbers come to must be written like what was read: so nothing else passes. */
bool cb_time_of(const char *text, size_t n, int64_t *out)
{
    char again[CB_TIME_TEXT];
    if (n != CB_TIME_TEXT - 1) {
        return false;
    }
    struct tm tm = { .tm_year = number_at(text, 0, 4) - 1900,
                     .tm_mon = number_at(text, 5, 2) - 1,
                     .tm_mday = number_at(text, 8, 2),
                     .tm_hour = number_at(text, 11, 2),
                     .tm_min = number_at(text, 14, 2),
                     .tm_sec = number_at(text, 17, 2) };
    const int64_t t = timegm(&tm);
    cb_time_text(t, again);
    if (!cb_str_is((struct cb_str){ text, n }, again)) {
        return false;
    }
    *out = t;
    return true;
}
