/* SHA-256 for those who hash on every call: the algorithm is fetched once and contexts are used again, which
 * saves half the time of hashing a token. */
#ifndef CB_SHA256_H
#define CB_SHA256_H

#include <stdint.h>

#include "base/str.h"
#include "jose/pool.h"

#define CB_SHA256_BYTES 32

struct cb_sha256 {
    void *md; /* EVP_MD */
    struct cb_pool pool;
};

bool cb_sha256_init(struct cb_sha256 *s);
void cb_sha256_done(struct cb_sha256 *s); /* also of a zeroed struct */

/* Thread-safe. False when memory is used up. */
bool cb_sha256_of(struct cb_sha256 *s, struct cb_str input, uint8_t out[CB_SHA256_BYTES]);

#endif
