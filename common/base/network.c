#include "base/network.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_BITS = 32, V6_BITS = 128 };

static bool address_of(struct cb_str text, struct in6_addr *out, unsigned *out_most)
{
    char terminated[INET6_ADDRSTRLEN] = "";
    struct in_addr v4;
    if (text.n == 0 || text.n >= sizeof terminated) {
        return false;
    }
    memcpy(terminated, text.p, text.n);
    if (strlen(terminated) != text.n) {
        return false;
    }
    if (inet_pton(AF_INET, terminated, &v4) == 1) {
        *out = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
        memcpy(&out->s6_addr[12], &v4, sizeof v4);
        *out_most = V4_BITS;
        return true;
    }
    *out_most = V6_BITS;
    return inet_pton(AF_INET6, terminated, out) == 1;
}

static bool bits_of(struct cb_str text, unsigned most, unsigned *out)
{
    unsigned n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || i == 3) {
            return false;
        }
        n = n * 10 + (unsigned)(text.p[i] - '0');
    }
    const bool one_spelling = text.n > 0 && (text.p[0] != '0' || text.n == 1);
    *out = n;
    return one_spelling && n <= most;
}

/* The bits of octet i that count. */
static unsigned char mask_of(unsigned bits, size_t i)
{
    const size_t before = i * 8;
    if (bits >= before + 8) {
        return 0xff;
    }
    if (bits <= before) {
        return 0;
    }
    return (unsigned char)(0xff00U >> (bits - before));
}

bool cb_network_of(struct cb_str text, struct cb_network *out)
{
    struct cb_str bits = text, address = { 0 };
    struct cb_network n = { 0 };
    unsigned most = 0;
    if (text.n == 0 || !cb_str_next(&bits, '/', &address) || !address_of(address, &n.address, &most)) {
        return false;
    }
    n.bits = most;
    if (address.n < text.n && !bits_of(bits, most, &n.bits)) {
        return false;
    }
    n.bits += V6_BITS - most;
    for (size_t i = 0; i < sizeof n.address.s6_addr; i++) {
        if ((n.address.s6_addr[i] & ~mask_of(n.bits, i) & 0xff) != 0) {
            return false;
        }
    }
    *out = n;
    return true;
}

bool cb_network_has(const struct cb_network *n, const struct in6_addr *address)
{
    for (size_t i = 0; i < sizeof address->s6_addr; i++) {
        if (((n->address.s6_addr[i] ^ address->s6_addr[i]) & mask_of(n->bits, i)) != 0) {
            return false;
        }
    }
    return true;
}
