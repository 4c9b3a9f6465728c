/* Time comes from here, once per request, and is passed on as a parameter. */
#ifndef CB_CLOCK_H
#define CB_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t cb_clock_unix(void);         /* wall clock, Unix seconds */
int64_t cb_clock_unix_ms(void);      /* wall clock, milliseconds */
int64_t cb_clock_monotonic_ms(void); /* for timeouts and durations; never goes back */
int64_t cb_clock_monotonic_us(void);

/* Whole days from now to then, rounded down: -1 from the second on that it is past. */
int64_t cb_days_left(int64_t then, int64_t now);

#define CB_CLOCK_SKEW_S 60 /* how far ahead of ours the clock of one whom we believe may be */

/* "2026-01-31T23:59:59Z" and a NUL into out[21]; years 0 to 9999, anything else gives "invalid". RFC 3339. */
#define CB_TIME_TEXT    21
void cb_time_text(int64_t unix_seconds, char out[CB_TIME_TEXT]);

/* The time that cb_time_text writes so; false: it writes none like that. */
bool cb_time_of(const char *text, size_t n, int64_t *out);

#endif
