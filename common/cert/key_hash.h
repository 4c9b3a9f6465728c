/* Which key it is, whatever the certificates around it are called: what a client pins its issuer by. */
#ifndef CB_KEY_HASH_H
#define CB_KEY_HASH_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* SHA-256 over a SubjectPublicKeyInfo in DER, as RFC 7469 section 2.4 pins keys. */
struct cb_key_hash {
    uint8_t b[32];
};

#define CB_KEY_HASH_TEXT 44 /* 43 characters of base64url without padding, and a NUL */

CB_MUST cb_key_hash_of(struct cb_str spki, struct cb_key_hash *out, struct cb_err *err);
void cb_key_hash_text(const struct cb_key_hash *k, char out[CB_KEY_HASH_TEXT]);
CB_MUST cb_key_hash_read(struct cb_str text, struct cb_key_hash *out,
                         struct cb_err *err); /* CB_E_BASE64URL */
bool cb_key_hash_eq(const struct cb_key_hash *a, const struct cb_key_hash *b);

#endif
