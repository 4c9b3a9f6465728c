/* What OCSP calls a certificate. Part of ocsp.c. */
#ifndef CB_OCSP_ID_H
#define CB_OCSP_ID_H

#include <openssl/ocsp.h>

#include "cert/ocsp.h"

/* NULL: the issuer or the serial does not decode. */
X509 *cb_ocsp_issuer(const struct cb_ocsp_subject *s);
OCSP_CERTID *cb_ocsp_id(const struct cb_ocsp_subject *s, const X509 *issuer, enum cb_ocsp_hash hash);

#endif
