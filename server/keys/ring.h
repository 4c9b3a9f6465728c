/* The signing keys as the running server holds them: opened, judged, immutable, shared by threads. */
#ifndef CB_RING_H
#define CB_RING_H

#include "base/json_out.h"
#include "keys/keys.h"

struct cb_ring;

/* A key that is ready to sign. The header is that of every access token it makes (RFC 9068 section 2.1). */
struct cb_signer {
    struct cb_str kid;
    enum cb_alg alg;
    struct cb_sign_key *key;
    struct cb_str token_header64; /* base64url of {"alg":...,"typ":"at+jwt","kid":...} */
};

/* Built row by row from the store. Heap. */
struct cb_ring *cb_ring_new(void); /* NULL: memory */

/* Adds a key; they come in the order of their active_from, and of very many the last stay. One that
 * `previous` (NULL is allowed) holds is taken over without being opened again. A key that does not open, is
 * not the one its kid names, or fails the second opinion is left out: the failure says why, the ring is still
 * good. So is one that is retired, without a word. */
CB_MUST cb_ring_add(struct cb_ring *r, const struct cb_ring *previous, const struct cb_kek *kek,
                    const struct cb_key_record *record, struct cb_err *err);
struct cb_ring *cb_ring_ref(struct cb_ring *r);
void cb_ring_unref(struct cb_ring *r); /* NULL is fine */

/* The key that signs at `now`; NULL when there is none. */
const struct cb_signer *cb_ring_signer(const struct cb_ring *r, int64_t now);

/* The JWK set to publish at `now`: pending, signing and retiring keys. RFC 7517 section 5. */
void cb_ring_write_jwks(const struct cb_ring *r, int64_t now, struct cb_json_out *out);

/* The next second after `now` at which signer or set change by time alone; INT64_MAX for never. */
int64_t cb_ring_next_change(const struct cb_ring *r, int64_t now);

#endif
