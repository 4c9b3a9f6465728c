#include "fetch/address.h"

#include "base/network.h"

#define V4(a, b, c, d, prefix)                                                                               \
    {                                                                                                        \
        { .s6_addr = { [10] = 0xff, [11] = 0xff, [12] = (a), [13] = (b), [14] = (c), [15] = (d) } },         \
            96 + (prefix)                                                                                    \
    }
#define V6(prefix, ...)                                                                                      \
    {                                                                                                        \
        { .s6_addr = { __VA_ARGS__ } }, (prefix)                                                             \
    }

static const struct cb_network v4 = V4(0, 0, 0, 0, 0);
static const struct cb_network global_v6 = V6(3, 0x20);

static const struct cb_network special[] = {
    V4(0, 0, 0, 0, 8),              /* this network */
    V4(10, 0, 0, 0, 8),             /* private */
    V4(100, 64, 0, 0, 10),          /* shared */
    V4(127, 0, 0, 0, 8),            /* loopback */
    V4(169, 254, 0, 0, 16),         /* link-local */
    V4(172, 16, 0, 0, 12),          /* private */
    V4(192, 0, 0, 0, 24),           /* protocol assignments */
    V4(192, 0, 2, 0, 24),           /* documentation */
    V4(192, 88, 99, 0, 24),         /* 6to4 relays */
    V4(192, 168, 0, 0, 16),         /* private */
    V4(198, 18, 0, 0, 15),          /* benchmarks */
    V4(198, 51, 100, 0, 24),        /* documentation */
    V4(203, 0, 113, 0, 24),         /* documentation */
    V4(224, 0, 0, 0, 4),            /* multicast */
    V4(240, 0, 0, 0, 4),            /* reserved, broadcast */
    V6(23, 0x20, 0x01),             /* protocol assignments, Teredo, ORCHID */
    V6(32, 0x20, 0x01, 0x0d, 0xb8), /* documentation */
    V6(16, 0x20, 0x02),             /* 6to4 */
    V6(20, 0x3f, 0xff),             /* documentation */
};

bool cb_address_is_public(const struct in6_addr *address)
{
    if (!cb_network_has(&v4, address) && !cb_network_has(&global_v6, address)) {
        return false;
    }
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        if (cb_network_has(&special[i], address)) {
            return false;
        }
    }
    return true;
}
