/* The certificate thumbprint that binds a token: RFC 8705 section 3.1. */
#ifndef CB_X5T_H
#define CB_X5T_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* SHA-256 over the whole DER of a certificate, as it was received: never re-encoded. */
struct cb_x5t {
    uint8_t b[32];
};

#define CB_X5T_TEXT 44 /* 43 characters of base64url without padding, and a NUL */

CB_MUST cb_x5t_of(struct cb_str der, struct cb_x5t *out, struct cb_err *err);
void cb_x5t_text(const struct cb_x5t *x, char out[CB_X5T_TEXT]);
bool cb_x5t_eq(const struct cb_x5t *a, const struct cb_x5t *b); /* constant time */

#endif
