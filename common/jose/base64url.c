#include "jose/base64url.h"

static const char url_alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What both alphabets share, one more than the value so that 0 is no character; the last two differ. */
#define SHARED                                                                                               \
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8, ['I'] = 9,       \
    ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17,          \
    ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25,          \
    ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33,          \
    ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41,          \
    ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,          \
    ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57,          \
    ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62
static const uint8_t url_values[256] = { SHARED, ['-'] = 63, ['_'] = 64 };
static const uint8_t standard_values[256] = { SHARED, ['+'] = 63, ['/'] = 64 };

void cb_base64url_encode(const void *p, size_t n, char *out)
{
    const uint8_t *b = p;
    for (; n >= 3; n -= 3, b += 3) {
        *out++ = url_alphabet[b[0] >> 2];
        *out++ = url_alphabet[(b[0] & 3) << 4 | b[1] >> 4];
        *out++ = url_alphabet[(b[1] & 15) << 2 | b[2] >> 6];
        *out++ = url_alphabet[b[2] & 63];
    }
    if (n > 0) {
        const uint8_t last = n == 2 ? b[1] : 0;
        *out++ = url_alphabet[b[0] >> 2];
        *out++ = url_alphabet[(b[0] & 3) << 4 | last >> 4];
        if (n == 2) {
            *out = url_alphabet[(last & 15) << 2];
        }
    }
}

void cb_base64url_add(struct cb_buf *out, const void *p, size_t n)
{
    char *space = n == 0 ? NULL : cb_buf_space(out, CB_BASE64URL_LEN(n));
    if (space != NULL) {
        cb_base64url_encode(p, n, space);
    }
}

/* The core of both: no padding, and the bits that no byte uses are zero. */
static cb_status decode(struct cb_str text, const uint8_t values[256], uint8_t *out, size_t cap,
                        size_t *out_n, struct cb_err *err)
{
    CB_ENSURE(text.n % 4 != 1, CB_E_BASE64URL, "base64 of an impossible length");
    const size_t need = text.n / 4 * 3 + (text.n % 4 == 0 ? 0 : text.n % 4 - 1);
    CB_ENSURE(need <= cap, CB_E_BASE64URL, "base64 holds %zu bytes, at most %zu fit", need, cap);

    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned v = values[(unsigned char)text.p[i]];
        CB_ENSURE(v != 0, CB_E_BASE64URL, "base64 with another character at %zu", i);
        bits = bits << 6 | (v - 1);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (uint8_t)(bits >> held);
        }
    }
    CB_ENSURE((bits & ((1U << held) - 1)) == 0, CB_E_BASE64URL, "base64 with unused bits set");
    *out_n = n;
    return CB_OK;
}

cb_status cb_base64url_decode(struct cb_str text, uint8_t *out, size_t cap, size_t *out_n, struct cb_err *err)
{
    return decode(text, url_values, out, cap, out_n, err);
}

cb_status cb_base64_decode(struct cb_str text, uint8_t *out, size_t cap, size_t *out_n, struct cb_err *err)
{
    CB_ENSURE(text.n % 4 == 0, CB_E_BASE64URL, "base64 without its padding");
    for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++) {
        text.n--;
    }
    return decode(text, standard_values, out, cap, out_n, err);
}
