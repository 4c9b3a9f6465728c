#include "cert/der.h"

/* The length at the start of s, and in how many octets it is said; 0 octets: it is not DER. */
static size_t length_of(struct cb_str s, size_t *out)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n >= 1 && p[0] < 0x80) {
        *out = p[0];
        return 1;
    }
    if (s.n >= 2 && p[0] == 0x81 && p[1] >= 0x80) {
        *out = p[1];
        return 2;
    }
    if (s.n >= 3 && p[0] == 0x82 && p[1] != 0) {
        *out = (size_t)p[1] << 8 | p[2];
        return 3;
    }
    return 0;
}

bool cb_der_take(struct cb_str *rest, unsigned char identifier, struct cb_str *out_content)
{
    if (rest->n == 0 || (unsigned char)rest->p[0] != identifier) {
        return false;
    }
    size_t n = 0;
    const size_t head = 1 + length_of((struct cb_str){ rest->p + 1, rest->n - 1 }, &n);
    if (head == 1 || n > rest->n - head) {
        return false;
    }
    *out_content = (struct cb_str){ rest->p + head, n };
    *rest = (struct cb_str){ rest->p + head + n, rest->n - head - n };
    return true;
}
