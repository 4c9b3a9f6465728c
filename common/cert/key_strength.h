/* What a client or a CA may sign with. */
#ifndef CB_KEY_STRENGTH_H
#define CB_KEY_STRENGTH_H

#include <openssl/evp.h>

#include "base/err.h"

/* The least that somebody asks for beyond what everybody must have; zeroed: nothing. */
struct cb_key_minimum {
    int64_t rsa_bits, ec_bits;
};

/* CB_E_CERT_WEAK: neither EC, RSA nor EdDSA, or EC of less than 256 or RSA of less than 2048 bits.
 * CB_E_CERT_KEY_SIZE: less than the minimum. */
CB_MUST cb_key_check_strength(const EVP_PKEY *key, const struct cb_key_minimum *minimum, struct cb_err *err);

#endif
