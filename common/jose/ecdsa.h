/* The two forms of a P-256 signature: R||S of JOSE (RFC 7518 section 3.4) and DER of X9.62. */
#ifndef CB_ECDSA_H
#define CB_ECDSA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define CB_P256_BYTES    32
#define CB_ES256_RAW     64
#define CB_ES256_DER_MAX 72

/* CB_E_JWS_SIGNATURE unless exactly 64 bytes. */
CB_MUST cb_ecdsa_to_der(struct cb_str raw, uint8_t out[CB_ES256_DER_MAX], size_t *out_n, struct cb_err *err);

/* Of OpenSSL's own output; CB_E_CRYPTO when that is not two positive integers of at most 32 bytes. */
CB_MUST cb_ecdsa_to_raw(struct cb_str der, uint8_t out[CB_ES256_RAW], struct cb_err *err);

#endif
