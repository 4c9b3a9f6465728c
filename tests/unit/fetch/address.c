#include "fetch/address.h"

#include <criterion/criterion.h>

#include "base/network.h"

/* The first and the last address of each range, and their neighbours outside. */
Test(address, the_edges_of_what_is_public)
{
    static const struct {
        const char *text;
        bool is_public;
    } rows[] = {
        { "0.0.0.0", false },
        { "0.255.255.255", false },
        { "1.0.0.0", true },
        { "9.255.255.255", true },
        { "10.0.0.0", false },
        { "10.255.255.255", false },
        { "11.0.0.0", true },
        { "100.63.255.255", true },
        { "100.64.0.0", false },
        { "100.127.255.255", false },
        { "100.128.0.0", true },
        { "126.255.255.255", true },
        { "127.0.0.0", false },
        { "127.0.0.1", false },
        { "127.255.255.255", false },
        { "128.0.0.0", true },
        { "169.253.255.255", true },
        { "169.254.0.0", false },
        { "169.254.169.254", false },
        { "169.254.255.255", false },
        { "169.255.0.0", true },
        { "172.15.255.255", true },
        { "172.16.0.0", false },
        { "172.31.255.255", false },
        { "172.32.0.0", true },
        { "191.255.255.255", true },
        { "192.0.0.0", false },
        { "192.0.0.255", false },
        { "192.0.1.0", true },
        { "192.0.2.0", false },
        { "192.0.3.0", true },
        { "192.88.99.0", false },
        { "192.88.100.0", true },
        { "192.167.255.255", true },
        { "192.168.0.0", false },
        { "192.168.255.255", false },
        { "192.169.0.0", true },
        { "198.17.255.255", true },
        { "198.18.0.0", false },
        { "198.19.255.255", false },
        { "198.20.0.0", true },
        { "198.51.100.0", false },
        { "198.51.101.0", true },
        { "203.0.113.0", false },
        { "203.0.114.0", true },
        { "223.255.255.255", true },
        { "224.0.0.0", false },
        { "239.255.255.255", false },
        { "240.0.0.0", false },
        { "255.255.255.255", false },
        { "::", false },
        { "::1", false },
        { "::ffff:127.0.0.1", false },
        { "::ffff:1.1.1.1", true },
        { "::127.0.0.1", false },
        { "64:ff9b::7f00:1", false },
        { "64:ff9b::101:101", false },
        { "100::1", false },
        { "1fff:ffff::", false },
        { "2000::", true },
        { "2001::", false },
        { "2001:1ff:ffff::", false },
        { "2001:200::", true },
        { "2001:db7:ffff::", true },
        { "2001:db8::1", false },
        { "2001:db9::", true },
        { "2002:7f00:1::", false },
        { "2002:101:101::", false },
        { "2003::", true },
        { "2606:4700::1111", true },
        { "3ffe:ffff::", true },
        { "3fff::", false },
        { "3fff:fff:ffff::", false },
        { "3fff:1000::", true },
        { "4000::", false },
        { "fc00::1", false },
        { "fd12:3456::1", false },
        { "fe80::1", false },
        { "fec0::1", false },
        { "ff02::1", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_network n;
        cr_assert(cb_network_of(cb_str_of(rows[i].text), &n), "%s", rows[i].text);
        cr_expect_eq(cb_address_is_public(&n.address), rows[i].is_public, "%s", rows[i].text);
    }
}
