#include "cert/der_time.h"

#include "cert/der.h"

enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18 };
enum { UTC_TIME_LENGTH = 13, GENERALIZED_TIME_LENGTH = 15 }; /* YYMMDDHHMMSSZ, YYYYMMDDHHMMSSZ */

/* Two digits, or -1. */
static int two_digits(const char *p)
{
    const unsigned tens = (unsigned char)p[0] - '0', ones = (unsigned char)p[1] - '0';
    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Since 1970-01-01, by the calendar of years that start in March: a list has a million dates, and timegm is
 * slow. */
static int64_t days_to(int year, int month, int day)
{
    const int y = month > 2 ? year : year - 1;
    const int leap_days = y / 4 - y / 100 + y / 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return (int64_t)y * 365 + leap_days + day_of_year - 719468;
}

/* "MMDDHHMMSSZ" of that year. */
static bool read_rest(int year, const char *p, int64_t *out)
{
    enum { MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };
    int part[PARTS];
    for (int i = 0; i < PARTS; i++, p += 2) {
        part[i] = two_digits(p);
    }
    if (part[MONTH] < 1 || part[MONTH] > 12 || part[DAY] < 1 || part[DAY] > days_in(year, part[MONTH])) {
        return false;
    }
    if (part[HOUR] < 0 || part[HOUR] > 23 || part[MINUTE] < 0 || part[MINUTE] > 59 || part[SECOND] < 0 ||
        part[SECOND] > 59 || *p != 'Z') {
        return false;
    }
    const int second_of_day = (part[HOUR] * 60 + part[MINUTE]) * 60 + part[SECOND];
    *out = days_to(year, part[MONTH], part[DAY]) * 86400 + second_of_day;
    return true;
}

bool cb_der_take_time(struct cb_str *rest, int64_t *out)
{
    struct cb_str after = *rest, text = { 0 };
    if (cb_der_take(&after, UTC_TIME, &text) && text.n == UTC_TIME_LENGTH) {
        const int year = two_digits(text.p);
        if (year < 0 || !read_rest(year < 50 ? 2000 + year : 1900 + year, text.p + 2, out)) {
            return false;
        }
    } else if (cb_der_take(&after, GENERALIZED_TIME, &text) && text.n == GENERALIZED_TIME_LENGTH) {
        const int century = two_digits(text.p), year = two_digits(text.p + 2);
        if (century < 0 || year < 0 || !read_rest(century * 100 + year, text.p + 4, out)) {
            return false;
        }
    } else {
        return false;
    }
    *rest = after;
    return true;
}
