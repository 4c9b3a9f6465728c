/* What a signing key and a verifying key share: the EVP_PKEY and prepared contexts. Only common/jose uses it.
 *
 * Preparing a context costs more than a signature (algorithm fetch, key import), so each is kept and used
 * again; a context belongs to one call at a time. */
#ifndef CB_KEYOP_H
#define CB_KEYOP_H

#include <openssl/evp.h>

#include "jose/jws.h"
#include "jose/pool.h"

struct cb_keyop {
    enum cb_alg alg;
    bool sign;
    EVP_PKEY *pkey;
    EVP_MD *sha256;
    struct cb_pool pool;
};

struct cb_keyop_ctx {
    struct cb_pool_item item;
    EVP_MD_CTX *md;
    EVP_PKEY_CTX *op; /* NULL for EdDSA, which hashes inside */
};

/* Takes a reference to pkey after checking that it fits the algorithm. CB_E_JWK. */
CB_MUST cb_keyop_init(struct cb_keyop *k, EVP_PKEY *pkey, enum cb_alg alg, bool sign, struct cb_err *err);
void cb_keyop_done(struct cb_keyop *k); /* also of a zeroed struct */

CB_MUST cb_keyop_sign(struct cb_keyop *k, struct cb_str input, uint8_t out[CB_SIGNATURE_MAX], size_t *out_n,
                      struct cb_err *err);
CB_MUST cb_keyop_verify(struct cb_keyop *k, struct cb_str input, struct cb_str signature, struct cb_err *err);

struct cb_sign_key {
    struct cb_keyop op;
};
struct cb_verify_key {
    struct cb_keyop op;
};

#endif
