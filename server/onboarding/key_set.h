/* The public keys of a directory or of a partner's software, held ready. RFC 7517 section 5. */
#ifndef CB_KEY_SET_H
#define CB_KEY_SET_H

#include "base/err.h"
#include "base/str.h"
#include "jose/jws.h"

/* Immutable, reference counted, shared by threads. */
struct cb_key_set;

/* Keys that this server has no use for (encryption, other algorithms) are passed over; at least one must be
 * left, and no two of one kid and algorithm. CB_E_JSON, CB_E_JWK, CB_E_MEMORY. */
CB_MUST cb_key_set_parse(struct cb_str json, struct cb_key_set **out, struct cb_err *err);
struct cb_key_set *cb_key_set_ref(struct cb_key_set *s);
void cb_key_set_unref(struct cb_key_set *s); /* NULL is fine */

size_t cb_key_set_count(const struct cb_key_set *s);

/* The i-th key that may have signed this: of the algorithm and, where the header names one, of the kid. NULL
 * behind the last. */
struct cb_verify_key *cb_key_set_candidate(const struct cb_key_set *s, enum cb_alg alg, struct cb_str kid,
                                           size_t i);

/* The text that it was made from. */
struct cb_str cb_key_set_json(const struct cb_key_set *s);

#endif
