/* The PROXY protocol, version 2: what a proxy that passes TLS through writes before the partner's first byte.
 */
#ifndef CB_PROXY_HEADER_H
#define CB_PROXY_HEADER_H

#include <netinet/in.h>

#include "base/err.h"
#include "base/str.h"

struct cb_proxy_header {
    size_t missing;         /* bytes that must come before more can be said; 0: the header is whole */
    bool has_source;        /* false: the proxy speaks for itself (LOCAL), or does not know (UNSPEC) */
    struct in6_addr source; /* IPv4 as v4-mapped */
};

/* Reads a header, or the first part of one; asks for no byte behind it.
 *
 * CB_E_PROXY_SIGNATURE  another protocol: version 1, TLS or HTTP without a header
 * CB_E_PROXY_COMMAND    another version, a command other than LOCAL and PROXY
 * CB_E_PROXY_LENGTH     a header of more than CB_LIMIT_PROXY_HEADER bytes, or too short for its addresses
 * CB_E_PROXY_ADDRESS    neither TCP over IPv4 or IPv6 nor unspecified; the address :: or 0.0.0.0
 * CB_E_PROXY_TLV        the vectors behind the addresses do not end where the header does */
CB_MUST cb_proxy_header_parse(struct cb_str so_far, struct cb_proxy_header *out, struct cb_err *err);

#endif
