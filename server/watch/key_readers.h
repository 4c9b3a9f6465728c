/* Threads that read the key sets that clients publish. One that stalls holds up its own thread alone, and
 * those that somebody waits for have a thread of their own. */
#ifndef CB_KEY_READERS_H
#define CB_KEY_READERS_H

#include "base/str.h"
#include "oauth/snapshot.h"

/* Both stay the caller's and outlive the readers. Called by their threads, for one client by one or two. */
struct cb_key_reader {
    void *ctx;
    void (*read)(void *ctx, struct cb_str client_id, bool wished);
};

struct cb_key_readers;

/* Starts no thread before there is something to read. CB_E_MEMORY. */
CB_MUST cb_key_readers_new(const struct cb_key_reader *reader, struct cb_key_readers **out,
                           struct cb_err *err);

/* What is under way is waited for, what is left is dropped. NULL is fine. */
void cb_key_readers_stop(struct cb_key_readers *r);

/* Copies the client_id. `wished`: before all that are not. Without memory it is dropped, and comes again. */
void cb_key_readers_add(struct cb_key_readers *r, struct cb_str client_id, bool wished);

/* Is anything left, or under way, that was not wished for? */
bool cb_key_readers_are_busy(struct cb_key_readers *r);

#endif
