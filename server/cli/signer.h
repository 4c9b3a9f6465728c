/* A folder with a signing key, for those who sign statements and requests: signer.key (PKCS#8 in PEM, mode
 * 0600) and signer.jwks, its public half. Private to server/cli/. */
#ifndef CB_CLI_SIGNER_H
#define CB_CLI_SIGNER_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "jose/jws.h"

/* Makes the folder and a key in it; what is there already stays. CB_E_FILE. */
CB_MUST cb_signer_make(const char *dir, enum cb_alg alg, struct cb_err *err);

/* The public half, as a JWK set, in the arena. CB_E_FILE. */
CB_MUST cb_signer_jwks(struct cb_arena *a, const char *dir, struct cb_str *out, struct cb_err *err);

/* Puts iss, iat, jti and, if lifetime_s > 0, exp over what the claims say, and appends the compact JWS of
 * them, made with the folder's key, to `out`. CB_E_FILE, CB_E_SECRET_FILE, CB_E_JSON. */
struct cb_signer_claims {
    struct cb_str claims; /* a JSON object */
    const char *issuer;
    const char *audience;    /* NULL: as it is */
    struct cb_str statement; /* software_statement; n == 0: as it is */
    int64_t now, lifetime_s;
};
CB_MUST cb_signer_sign(const char *dir, const struct cb_signer_claims *claims, struct cb_buf *out,
                       struct cb_err *err);

#endif
