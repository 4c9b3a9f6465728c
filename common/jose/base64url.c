#include "jose/base64url.h"

enum { INVALID = 0xff };

static const char url_alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The value of a character of either alphabet; `plus` and `slash` are the two that differ. */
static unsigned value_of(char c, char plus, char slash)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0') + 52;
    }
    return c == plus ? 62 : c == slash ? 63 : INVALID;
}

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
static cb_status decode(struct cb_str text, char plus, char slash, uint8_t *out, size_t cap, size_t *out_n,
                        struct cb_err *err)
{
    CB_ENSURE(text.n % 4 != 1, CB_E_BASE64URL, "base64 of an impossible length");
    const size_t need = text.n / 4 * 3 + (text.n % 4 == 0 ? 0 : text.n % 4 - 1);
    CB_ENSURE(need <= cap, CB_E_BASE64URL, "base64 holds %zu bytes, at most %zu fit", need, cap);

    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned v = value_of(text.p[i], plus, slash);
        CB_ENSURE(v != INVALID, CB_E_BASE64URL, "base64 with another character at %zu", i);
        bits = bits << 6 | v;
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
    return decode(text, '-', '_', out, cap, out_n, err);
}

cb_status cb_base64_decode(struct cb_str text, uint8_t *out, size_t cap, size_t *out_n, struct cb_err *err)
{
    CB_ENSURE(text.n % 4 == 0, CB_E_BASE64URL, "base64 without its padding");
    for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++) {
        text.n--;
    }
    return decode(text, '+', '/', out, cap, out_n, err);
}
