/* Which certificates clients were seen with: noted in memory by requests, taken to the store now and then. */
#ifndef CB_SEEN_H
#define CB_SEEN_H

#include "cert/cert.h"
#include "cert/key_hash.h"
#include "store/store.h"

/* Thread-safe, of bounded size: what the store has makes room for what is new; while the store has nothing of
 * it, what does not fit is not noted. Heap. */
struct cb_seen;
struct cb_seen *cb_seen_new(void); /* NULL: memory */
void cb_seen_free(struct cb_seen *s);

/* issuer_key: SHA-256 of the issuing CA's SubjectPublicKeyInfo; NULL for a self-signed one. Never fails: what
 * cannot be noted today is seen again. */
void cb_seen_note(struct cb_seen *s, struct cb_str client_id, const struct cb_cert *cert,
                  const struct cb_key_hash *issuer_key, int64_t now);

/* Those that the store does not know, or whose last_seen there is an hour old: at most `max`, strings in the
 * arena. Returns how many. */
size_t cb_seen_take(struct cb_seen *s, struct cb_arena *a, struct cb_seen_certificate *out, size_t max);

/* The store has these now. */
void cb_seen_kept(struct cb_seen *s, const struct cb_seen_certificate *all, size_t count);

#endif
