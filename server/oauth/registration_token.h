/* Registration access tokens, RFC 7592: only their hash is kept, and only the client's certificate may use
 * them. */
#ifndef CB_REGISTRATION_TOKEN_H
#define CB_REGISTRATION_TOKEN_H

#include "oauth/exchange.h"

/* 256 random bits as text, and the hash to store; both live in the arena. CB_E_CRYPTO, CB_E_MEMORY. */
CB_MUST cb_registration_token_new(struct cb_arena *a, struct cb_str *out_token, struct cb_str *out_hash,
                                  struct cb_err *err);

/* The token of `Authorization: Bearer ...` (RFC 6750 section 2.1), and its hash. CB_E_DCR_TOKEN: there is
 * none, or it cannot be one of ours. */
CB_MUST cb_registration_token_read(struct cb_arena *a, struct cb_str authorization, struct cb_str *out_token,
                                   struct cb_str *out_hash, struct cb_err *err);

#endif
