/* Requests that were used, by the jti of their signer, until they expire. Each node remembers its own. */
#ifndef CB_REPLAY_H
#define CB_REPLAY_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { CB_REPLAY_MOST_S = 3600 }; /* no request may live longer */

struct cb_replay;
struct cb_replay *cb_replay_new(void); /* NULL: memory */
void cb_replay_free(struct cb_replay *r);

/* Of concurrent callers with one signer and jti exactly one is the first. CB_E_DCR_METADATA: it was used.
 * CB_E_LIMIT: as many as can be remembered are still alive. Thread-safe. */
CB_MUST cb_replay_remember(struct cb_replay *r, struct cb_str signer, struct cb_str jti, int64_t expires_at,
                           int64_t now, struct cb_err *err);

#endif
