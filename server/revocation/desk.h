/* Where requests leave what they would like to know, and count what they learnt. The worker sits behind it.
 */
#ifndef CB_DESK_H
#define CB_DESK_H

#include "base/str.h"
#include "cert/trust.h"

/* Reference counted: views hold it, and may outlive the worker. Thread-safe. */
struct cb_desk;
struct cb_desk *cb_desk_new(void); /* NULL: memory */
struct cb_desk *cb_desk_ref(struct cb_desk *d);
void cb_desk_unref(struct cb_desk *d); /* NULL is fine */

/* --- the request's side: never waits long --- */

enum cb_desk_outcome { CB_DESK_GOOD, CB_DESK_STALE, CB_DESK_UNKNOWN, CB_DESK_REVOKED, CB_DESK__MAX };

void cb_desk_count(struct cb_desk *d, enum cb_desk_outcome outcome);
uint64_t cb_desk_counted(const struct cb_desk *d, enum cb_desk_outcome outcome);

/* Leaves the wish for a fresh word on this leaf. One that waits already, and one for which there is no room,
 * is dropped: it comes again with the next request. `stale`: the leaf was accepted without. */
void cb_desk_leave(struct cb_desk *d, struct cb_str group, const struct cb_trust_path *path,
                   struct cb_str leaf, bool stale);

/* --- the worker's side --- */

struct cb_ask {
    char *group;
    struct cb_trust_path *path;
    struct cb_str leaf; /* DER */
    bool stale;
};
void cb_ask_done(struct cb_ask *a);

/* The oldest; false when there is none. */
bool cb_desk_take(struct cb_desk *d, struct cb_ask *out);

/* Until something is left, somebody wakes it, or the time has come; at once when that was so before. */
void cb_desk_wait(struct cb_desk *d, int64_t ms);
void cb_desk_wake(struct cb_desk *d);

/* Nobody will take any more; what waits is dropped. */
void cb_desk_close(struct cb_desk *d);

#endif
