/* The life of the signing keys: sealed in the store, published ahead of use, judged before they sign. */
#ifndef CB_KEYS_H
#define CB_KEYS_H

#include "base/arena.h"
#include "base/err.h"
#include "jose/jws.h"
#include "store/store.h"

/* The key-encryption key, from a secret file that holds 32 bytes in base64 (`openssl rand -base64 32`). Heap,
 * wiped. */
struct cb_kek;
CB_MUST cb_kek_load(const char *path, struct cb_kek **out,
                    struct cb_err *err); /* CB_E_FILE, _SECRET_FILE, _KEY_FILE */
void cb_kek_free(struct cb_kek *k);

/* AES-256-GCM with a fresh nonce; `bound` (the key id) is authenticated with it, so that rows cannot be
 * swapped. cb_kek_open fails with CB_E_KEY_FILE when it is not this key's or was changed. The opened bytes
 * are a secret. */
CB_MUST cb_kek_seal(const struct cb_kek *k, struct cb_str bound, struct cb_str clear, struct cb_buf *out,
                    struct cb_err *err);
CB_MUST cb_kek_open(const struct cb_kek *k, struct cb_str bound, struct cb_str sealed, struct cb_buf *out,
                    struct cb_err *err);

/* Makes a key and adds it to the store: the first one (first_only) signs at once, a later one
 * `publish_ahead_s` after now. CB_E_EXISTS: somebody else was first. out_kid may be NULL. */
#define CB_KID_TEXT 44
CB_MUST cb_keys_create(struct cb_store *s, const struct cb_kek *k, enum cb_alg alg, bool first_only,
                       int64_t now, int64_t publish_ahead_s, char out_kid[CB_KID_TEXT], struct cb_err *err);

/* Where a key stands at `now`; follows from the times of all keys, see store.h. */
enum cb_key_state { CB_KEY_RETIRED, CB_KEY_PENDING, CB_KEY_SIGNING, CB_KEY_RETIRING };
const char *cb_key_state_name(enum cb_key_state s); /* "retired", "pending", "signing", "retiring" */

/* A superseded key stays published this long, so that every token it signed dies first. */
#define CB_KEY_LINGER_S (900 + 60)

/* The state of keys[i] among its fellows. */
enum cb_key_state cb_key_state_of(const struct cb_key_record *keys, size_t count, size_t i, int64_t now);

/* Withdraws a key, if no token that it signed can be in use at `now`, or by force: resource servers refuse
 * those at once. Of concurrent callers one wins. CB_E_KEY_IN_USE, CB_E_NOT_FOUND. */
CB_MUST cb_keys_retire(struct cb_store *s, struct cb_str kid, bool force, int64_t now, struct cb_err *err);

/* An independent implementation's verdict on a token made with the key: libjwt for ES256, OpenSSL through the
 * public PEM for the algorithms that libjwt does not know. CB_E_CRYPTO. */
CB_MUST cb_second_opinion(struct cb_sign_key *key, struct cb_err *err);

#endif
