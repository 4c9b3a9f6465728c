/* Subject alternative names, RFC 5280 section 4.2.1.6. */
#ifndef CB_SAN_H
#define CB_SAN_H

#include <openssl/x509.h>

#include "cert/cert.h"

/* The names of the four kinds we know, in the order of the certificate. CB_E_CERT_MALFORMED: the extension
 * does not decode, stands there twice, or a name holds what it must not. */
CB_MUST cb_san_read(struct cb_arena *a, const X509 *x, struct cb_san_list out[CB_SAN__MAX],
                    struct cb_err *err);

#endif
