#include "base/clock.h"

#include <stdio.h>
#include <time.h>

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
