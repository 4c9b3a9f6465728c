#include "base/network.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>

Test(network, is_read_strictly)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "10.0.0.5", true },
        { "10.1.0.0/16", true },
        { "0.0.0.0/0", true },
        { "10.0.0.5/32", true },
        { "2001:db8::/32", true },
        { "::/0", true },
        { "::1", true },
        { "::ffff:10.0.0.1", true },
        { "fe80::1/128", true },
        { "", false },
        { "10.0.0.5/33", false },
        { "10.0.0.5/", false },
        { "10.0.0.5/8", false },
        { "10.1.0.0/016", false },
        { "10.0.0", false },
        { "010.0.0.1", false },
        { "2001:db8::/129", false },
        { "2001:db8::1/32", false },
        { "10.0.0.0/8/8", false },
        { "10.0.0.0/-1", false },
        { "10.0.0.0/+8", false },
        { " 10.0.0.0/8", false },
        { "host", false },
        { "[::1]", false },
        { "10.0.0.0/4294967296", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_network n;
        cr_expect_eq(cb_network_of(cb_str_of(rows[i].text), &n), rows[i].good, "%s", rows[i].text);
    }
}

static struct in6_addr address(const char *text)
{
    struct cb_network n = { 0 };
    cr_assert(cb_network_of(cb_str_of(text), &n), "%s", text);
    return n.address;
}

Test(network, holds_the_addresses_between_its_edges)
{
    static const struct {
        const char *network, *address;
        bool in;
    } rows[] = {
        { "10.1.0.0/16", "10.1.0.0", true },
        { "10.1.0.0/16", "10.1.255.255", true },
        { "10.1.0.0/16", "10.2.0.0", false },
        { "10.1.0.0/16", "10.0.255.255", false },
        { "172.16.0.0/12", "172.31.255.255", true },
        { "172.16.0.0/12", "172.32.0.0", false },
        { "10.0.0.5", "10.0.0.5", true },
        { "10.0.0.5", "10.0.0.4", false },
        { "0.0.0.0/0", "255.255.255.255", true },
        { "0.0.0.0/0", "::1", false }, /* a network is of one kind */
        { "::/0", "10.0.0.1", true },
        { "::ffff:10.0.0.0/104", "10.9.9.9", true },
        { "2001:db8::/32", "2001:db8:ffff::1", true },
        { "2001:db8::/32", "2001:db9::", false },
        { "fe80::/10", "febf::1", true },
        { "fe80::/10", "fec0::1", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_network n;
        const struct in6_addr a = address(rows[i].address);
        cr_assert(cb_network_of(cb_str_of(rows[i].network), &n));
        cr_expect_eq(cb_network_has(&n, &a), rows[i].in, "%s in %s", rows[i].address, rows[i].network);
    }
}
