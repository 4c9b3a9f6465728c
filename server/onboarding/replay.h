/* Signed requests count once, by the jti of their signer, until they expire. */
#ifndef CB_REPLAY_H
#define CB_REPLAY_H

#include <stdint.h>

#include "store/store.h"

enum { CB_REPLAY_MOST_S = 3600 }; /* no request may live longer */

/* Of concurrent callers with one signer and jti, on all nodes of the store, exactly one is the first.
 * CB_E_DCR_METADATA: it was used; those of the store. */
CB_MUST cb_replay_use(struct cb_store *store, struct cb_str signer, struct cb_str jti, int64_t expires_at,
                      int64_t now, struct cb_err *err);

#endif
