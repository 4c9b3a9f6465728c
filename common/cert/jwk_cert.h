/* A JWK and a certificate that claim the same key: RFC 7517 section 4.7, RFC 8705 section 2.2.2. */
#ifndef CB_JWK_CERT_H
#define CB_JWK_CERT_H

#include "base/json_in.h"
#include "cert/cert.h"

/* The DER of the JWK's x5c[0], strict base64, into the arena. CB_E_JWK: no x5c, empty, not base64, or too
 * long. */
CB_MUST cb_jwk_x5c_der(struct cb_arena *a, const json_t *jwk, struct cb_str *out_der, struct cb_err *err);

/* Are the JWK's public numbers those of the certificate's key? EC (P-256, P-384, P-521), RSA and Ed25519; any
 * use. Refuses a JWK that holds a private member. CB_E_JWK says which number differs; CB_E_CERT_WEAK: the key
 * is too short. */
CB_MUST cb_jwk_is_of_cert(const json_t *jwk, const struct cb_cert *cert, struct cb_err *err);

#endif
