/* Whose jwks_uri should be read again, because a certificate appeared that nobody has registered yet.
 * Requests wish; a thread that may wait for networks grants. */
#ifndef CB_KEY_WISHES_H
#define CB_KEY_WISHES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Thread-safe, of bounded size. Heap. */
struct cb_key_wishes;
struct cb_key_wishes *cb_key_wishes_new(void); /* NULL: memory */
void cb_key_wishes_free(struct cb_key_wishes *w);

/* True: the set is being read, so the partner may try again in a moment. False: it was read because of
 * an unknown certificate less than a minute ago, and is not again. */
bool cb_key_wish(struct cb_key_wishes *w, struct cb_str client_id, int64_t now);

/* Takes one wish that nobody has taken; false when there is none. The client_id is in the arena. */
bool cb_key_wishes_take(struct cb_key_wishes *w, struct cb_arena *a, struct cb_str *out_client_id);

/* The set was read, or could not be. After one that brought something new, one more wish may
 * come in the same minute. */
void cb_key_wish_done(struct cb_key_wishes *w, struct cb_str client_id, bool brought_new, int64_t now);

#endif
