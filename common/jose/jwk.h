/* Keys as JSON: RFC 7517, RFC 7518 section 6, RFC 8037. */
#ifndef CB_JWK_H
#define CB_JWK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "jose/jws.h"

/* A public key out of one JWK object. Checks: kty and alg fit one of our algorithms (`alg` may be absent: an
 * EC P-256 key is ES256, RSA is PS256, OKP Ed25519 is EdDSA), the point is on the curve, RSA modulus 2048 to
 * 4096 bits and a public exponent that is odd and > 2^16, `use` absent or "sig", `key_ops` absent or with
 * "verify", no private member, every number canonical base64url of its exact length. CB_E_JWK otherwise. */
CB_MUST cb_jwk_public(const json_t *jwk, struct cb_verify_key **out, struct cb_err *err);

/* The member that makes a JWK a private or symmetric key (RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037
 * section 2); NULL: it has none. */
const char *cb_jwk_private_member(const json_t *jwk);

/* The public JWK of a key, with kid, use and alg, members in a fixed order. */
CB_MUST cb_jwk_write(const struct cb_sign_key *key, struct cb_str kid, struct cb_json_out *out,
                     struct cb_err *err);

/* RFC 7638 thumbprint (SHA-256), base64url, 43 characters and a NUL: our key ids. */
#define CB_JWK_THUMBPRINT_TEXT 44
CB_MUST cb_jwk_thumbprint(const struct cb_sign_key *key, char out[CB_JWK_THUMBPRINT_TEXT],
                          struct cb_err *err);

#endif
