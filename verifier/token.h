/* Everything about a token that needs no certificate: RFC 9068 section 4 and RFC 8705 section 3, in a fixed
 * order. */
#ifndef CB_TOKEN_H
#define CB_TOKEN_H

#include "verifier/claims.h"
#include "verifier/settings.h"

/* CERTBOUND_OK and claims of the caller's own, or the first thing that is wrong. */
certbound_code cb_token_check(const struct cb_settings *settings, struct cb_str text, int64_t now,
                              certbound_claims **out_claims);

#endif
