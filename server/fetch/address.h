/* Which addresses the server may connect to. */
#ifndef CB_FETCH_ADDRESS_H
#define CB_FETCH_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>

/* Is it an address of the public internet? Not loopback, private, link-local, shared (RFC 6598), multicast,
 * reserved, for documentation or benchmarks, nor IPv6 that carries an IPv4 address in it (Teredo, 6to4,
 * NAT64): IANA's special-purpose registries, RFC 6890. IPv4 as v4-mapped. */
bool cb_address_is_public(const struct in6_addr *address);

#endif
