/* Subject alternative names, RFC 5280 section 4.2.1.6. */
#ifndef CB_SAN_H
#define CB_SAN_H

#include "cert/cert.h"

/* The names of the four kinds we know, in the order of the certificate, out of the extension's value.
 * CB_E_CERT_MALFORMED: it does not decode, something stands behind it, or a name holds what it must not. */
CB_MUST cb_san_read(struct cb_arena *a, struct cb_str der, struct cb_san_list out[CB_SAN__MAX],
                    struct cb_err *err);

#endif
