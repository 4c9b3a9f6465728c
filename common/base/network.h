/* Internet addresses and networks. */
#ifndef CB_NETWORK_H
#define CB_NETWORK_H

#include <netinet/in.h>

#include "base/str.h"

/* A network of one kind of address: IPv4 is held as v4-mapped IPv6 (RFC 4291 section 2.5.5.2). */
struct cb_network {
    struct in6_addr address;
    unsigned bits; /* of the 128 that count */
};

/* "10.0.0.5", "10.1.0.0/16", "2001:db8::/32": one address, or CIDR (RFC 4632) without bits behind the prefix.
 * False, and *out as it was, for anything else. */
bool cb_network_of(struct cb_str text, struct cb_network *out);

bool cb_network_has(const struct cb_network *n, const struct in6_addr *address);

#endif
