/* Signed claims from outside: a software statement, a registration request. RFC 7519, RFC 8725. */
#ifndef CB_SIGNED_H
#define CB_SIGNED_H

#include "onboarding/claims.h"
#include "onboarding/key_set.h"

struct cb_signed {
    struct cb_str text; /* as received */
    struct cb_jws_raw raw;
    enum cb_alg alg;   /* CB_ALG_NONE: one that is never accepted */
    struct cb_str kid; /* n == 0: the header names none */
    bool plain_type;   /* typ is absent or JWT, and so not that of another kind of token */
    json_t *claims;    /* nothing is verified yet */
};

/* Takes a compact JWS apart: strict JSON and base64url, no member twice, no `crit`. `jku`, `x5u`, `x5c` and
 * `jwk` of the header are not looked at: keys come from elsewhere (RFC 8725 section 3.10). CB_E_JWS,
 * CB_E_JSON. */
CB_MUST cb_signed_read(struct cb_arena *a, struct cb_str text, struct cb_signed *out, struct cb_err *err);

/* Is there a key that may have signed it? */
bool cb_signed_has_key(const struct cb_signed *s, const struct cb_key_set *keys);

/* CB_E_JWS_SIGNATURE: by none of these keys. */
CB_MUST cb_signed_verify(const struct cb_signed *s, const struct cb_key_set *keys, struct cb_err *err);

#endif
