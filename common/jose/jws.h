/* JSON Web Signatures in compact form, RFC 7515: three algorithms, keys held ready, nothing else ever. */
#ifndef CB_JWS_H
#define CB_JWS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum cb_alg {
    CB_ALG_NONE,
    CB_ALG_ES256,
    CB_ALG_PS256,
    CB_ALG_EDDSA,
    CB_ALG__MAX
}; /* NONE is never accepted */

const char *cb_alg_name(enum cb_alg alg);  /* "ES256"; "" for CB_ALG_NONE */
enum cb_alg cb_alg_of(struct cb_str name); /* CB_ALG_NONE for everything we do not do; case-sensitive */

/* A public key with its algorithm and contexts of its own, reused between calls. Thread-safe, heap. */
struct cb_verify_key;
enum cb_alg cb_verify_key_alg(const struct cb_verify_key *k);
CB_MUST cb_verify_key_from_pkey(void *evp_pkey, enum cb_alg alg, struct cb_verify_key **out,
                                struct cb_err *err);
void cb_verify_key_free(struct cb_verify_key *k);

/* Is `signature` (JWS form: R||S for ES256) one over `input` by this key? CB_E_JWS_SIGNATURE. */
CB_MUST cb_verify(struct cb_verify_key *k, struct cb_str input, struct cb_str signature, struct cb_err *err);

/* A private key with its algorithm and reused contexts. Thread-safe, heap; wiped when freed. */
struct cb_sign_key;
enum cb_alg cb_sign_key_alg(const struct cb_sign_key *k);
CB_MUST cb_sign_key_generate(enum cb_alg alg, struct cb_sign_key **out, struct cb_err *err);
CB_MUST cb_sign_key_from_pkcs8(struct cb_str der, enum cb_alg alg, struct cb_sign_key **out,
                               struct cb_err *err);
CB_MUST cb_sign_key_to_pkcs8(const struct cb_sign_key *k, struct cb_buf *out,
                             struct cb_err *err); /* a secret */
CB_MUST cb_sign_key_public_pem(const struct cb_sign_key *k, struct cb_buf *out, struct cb_err *err);
void cb_sign_key_free(struct cb_sign_key *k);

#define CB_SIGNATURE_MAX 512 /* RSA-4096 */
CB_MUST cb_sign(struct cb_sign_key *k, struct cb_str input, uint8_t out[CB_SIGNATURE_MAX], size_t *out_n,
                struct cb_err *err);

/* Appends base64url(header) "." base64url(payload) "." base64url(signature). `header64` is already encoded:
 * it is the same for every token of a key. */
CB_MUST cb_jws_write(struct cb_sign_key *k, struct cb_str header64, struct cb_str payload, struct cb_buf *out,
                     struct cb_err *err);

/* The parts of a compact JWS; nothing is verified yet, as the names say. */
struct cb_jws_raw {
    struct cb_str signing_input; /* header "." payload, as received */
    struct cb_str header_json;   /* decoded */
    struct cb_str payload_json;  /* decoded */
    struct cb_str signature;     /* decoded */
};

/* Splits and decodes: exactly two dots, strict base64url, at most CB_LIMIT_JWS bytes, header at most
 * CB_LIMIT_JOSE_HEADER. Decoded parts live in the arena, signing_input in `text`. CB_E_JWS. */
CB_MUST cb_jws_split(struct cb_arena *a, struct cb_str text, struct cb_jws_raw *out, struct cb_err *err);

#endif
