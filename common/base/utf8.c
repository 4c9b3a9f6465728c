#include "base/utf8.h"

/* One row per line of the ABNF in RFC 3629 section 4: first byte, range of the second, length. */
static const struct {
    unsigned char first_lo, first_hi, second_lo, second_hi, length;
} forms[] = {
    { 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
    { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
    { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t cb_utf8_sequence(struct cb_str s)
{
    if (s.n == 0) {
        return 0;
    }
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < CB_COUNT(forms); i++) {
        if (p[0] < forms[i].first_lo || p[0] > forms[i].first_hi) {
            continue;
        }
        if (s.n < forms[i].length ||
            (forms[i].length > 1 && (p[1] < forms[i].second_lo || p[1] > forms[i].second_hi))) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].length; k++) {
            if (p[k] < 0x80 || p[k] > 0xbf) {
                return 0;
            }
        }
        return forms[i].length;
    }
    return 0;
}

bool cb_utf8_valid(struct cb_str s)
{
    while (s.n > 0) {
        const size_t n = cb_utf8_sequence(s);
        if (n == 0) {
            return false;
        }
        s.p += n;
        s.n -= n;
    }
    return true;
}
