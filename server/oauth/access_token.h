/* JWT access tokens bound to a certificate: RFC 9068, RFC 8705 section 3.1. */
#ifndef CB_ACCESS_TOKEN_H
#define CB_ACCESS_TOKEN_H

#include "cert/x5t.h"
#include "keys/ring.h"

struct cb_access_token {
    struct cb_str issuer, subject, client_id, audience, scope;
    int64_t issued_at, expires_at;
    struct cb_x5t x5t; /* there is no token without it */
};

#define CB_JTI_TEXT 22 /* 128 random bits in base64url */

/* Writes the signed token. *out_jti lives in the arena, and so does the token: it is a secret. */
CB_MUST cb_access_token_write(struct cb_arena *a, const struct cb_signer *signer,
                              const struct cb_access_token *t, struct cb_str *out_token,
                              struct cb_str *out_jti, struct cb_err *err);

#endif
