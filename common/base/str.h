/* Bytes that somebody else owns: not terminated, may hold NUL. */
#ifndef CB_STR_H
#define CB_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct cb_str {
    const char *p;
    size_t n;
};

#define CB_STR(literal) ((struct cb_str){ "" literal, sizeof(literal) - 1 })
#define CB_STR_FMT      "%.*s"
#define CB_STR_ARG(s)   ((int)(s).n), (s).p
#define CB_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline struct cb_str cb_str_of(const char *c_string)
{
    return (struct cb_str){ c_string, c_string == NULL ? 0 : strlen(c_string) };
}

/* For public words only; secrets and thumbprints are compared by cb_ct_eq. */
static inline bool cb_str_eq(struct cb_str a, struct cb_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool cb_str_is(struct cb_str a, const char *c_string)
{
    return cb_str_eq(a, cb_str_of(c_string));
}

/* ASCII only: case folding of anything else depends on what the bytes mean. */
static inline unsigned char cb_ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

/* 0 to 15, or -1. */
static inline int cb_hex_digit(char c)
{
    const unsigned char lower = cb_ascii_lower((unsigned char)c);
    return lower >= '0' && lower <= '9' ? lower - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static inline bool cb_str_eq_nocase(struct cb_str a, struct cb_str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (cb_ascii_lower((unsigned char)a.p[i]) != cb_ascii_lower((unsigned char)b.p[i])) {
            return false;
        }
    }
    return true;
}

/* Byte order, the shorter first: negative, zero or positive. */
static inline int cb_str_order(struct cb_str a, struct cb_str b)
{
    const size_t n = a.n < b.n ? a.n : b.n;
    const int byte = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return byte != 0 ? byte : (a.n > b.n) - (a.n < b.n);
}

static inline bool cb_str_starts(struct cb_str s, struct cb_str prefix)
{
    return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

/* Takes the part before the first `sep` off the front of *rest; false when *rest is used up.
 * "a b" gives "a", "b"; a separator at the end gives an empty last part. Start with rest->p != NULL. */
static inline bool cb_str_next(struct cb_str *rest, char sep, struct cb_str *out_part)
{
    if (rest->p == NULL) {
        return false;
    }
    const char *at = rest->n == 0 ? NULL : memchr(rest->p, sep, rest->n);
    if (at == NULL) {
        *out_part = *rest;
        *rest = (struct cb_str){ NULL, 0 };
        return true;
    }
    *out_part = (struct cb_str){ rest->p, (size_t)(at - rest->p) };
    *rest = (struct cb_str){ at + 1, rest->n - out_part->n - 1 };
    return true;
}

#endif
