#include "cert/der.h"

/* The length at the start of s, and in how many octets it is said; 0 octets: it is not DER. */
static size_t length_of(struct cb_str s, size_t *out)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n > 0 && p[0] < 0x80) {
        *out = p[0];
        return 1;
    }
    const size_t octets = s.n > 0 ? p[0] & 0x7f : 0;
    if (octets == 0 || octets > 4 || octets >= s.n || p[1] == 0) {
        return 0;
    }
    size_t n = 0;
    for (size_t i = 1; i <= octets; i++) {
        n = n << 8 | p[i];
    }
    *out = n;
    return n < 0x80 ? 0 : 1 + octets;
}

/* What every tag has in common: the identifier octet was looked at. */
static bool take(struct cb_str *rest, struct cb_str *out_content)
{
    size_t n = 0;
    const size_t head = 1 + length_of((struct cb_str){ rest->p + 1, rest->n - 1 }, &n);
    if (head == 1 || n > rest->n - head) {
        return false;
    }
    *out_content = (struct cb_str){ rest->p + head, n };
    *rest = (struct cb_str){ rest->p + head + n, rest->n - head - n };
    return true;
}

bool cb_der_take(struct cb_str *rest, unsigned char identifier, struct cb_str *out_content)
{
    return rest->n > 0 && (unsigned char)rest->p[0] == identifier && take(rest, out_content);
}

bool cb_der_take_any(struct cb_str *rest, struct cb_str *out_content)
{
    enum { TAG_GOES_ON = 0x1f };
    return rest->n > 0 && (rest->p[0] & TAG_GOES_ON) != TAG_GOES_ON && take(rest, out_content);
}

bool cb_der_is_oid(struct cb_str content)
{
    bool starts = true; /* a number: its first septet is not zero, its last has no high bit */
    for (size_t i = 0; i < content.n; i++) {
        const unsigned char septet = (unsigned char)content.p[i];
        if (starts && septet == 0x80) {
            return false;
        }
        starts = septet < 0x80;
    }
    return content.n > 0 && starts;
}
