/* The issuer's public keys: a JWK set, RFC 7517 section 5. Immutable and reference counted. */
#ifndef CB_KEYSET_H
#define CB_KEYSET_H

#include "jose/jws.h"

struct cb_keyset;

/* Skips keys we cannot use (section 5 says so) and keys without kid. CB_E_JSON, CB_E_JWK (no usable key, two
 * of the same kid, too many), CB_E_MEMORY. */
CB_MUST cb_keyset_parse(struct cb_str json, struct cb_keyset **out, struct cb_err *err);

struct cb_keyset *cb_keyset_ref(struct cb_keyset *set); /* NULL is fine, here and below */
void cb_keyset_unref(struct cb_keyset *set);

/* NULL when the set has no such key. */
struct cb_verify_key *cb_keyset_find(const struct cb_keyset *set, struct cb_str kid);

/* All tokens of a key have one header, so it need be understood only once: remembers the header of a token
 * whose header and signature were found good, and gives the key back for the same bytes. Thread-safe. */
void cb_keyset_remember_header(struct cb_keyset *set, const struct cb_verify_key *key, struct cb_str header);
struct cb_verify_key *cb_keyset_find_header(const struct cb_keyset *set, struct cb_str header);

#endif
