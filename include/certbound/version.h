/* The version of libcertbound-verifier. SPDX-License-Identifier: Apache-2.0 */
#ifndef CERTBOUND_VERSION_H
#define CERTBOUND_VERSION_H

#define CERTBOUND_VERSION_MAJOR  0
#define CERTBOUND_VERSION_MINOR  1
#define CERTBOUND_VERSION_PATCH  0
#define CERTBOUND_VERSION_STRING "0.1.0"

/* Grows with every release: 0xMMmmpp. */
#define CERTBOUND_VERSION_NUM                                                                                \
    (CERTBOUND_VERSION_MAJOR * 0x10000 + CERTBOUND_VERSION_MINOR * 0x100 + CERTBOUND_VERSION_PATCH)

#endif
