/* What the server does for its partners' certificates in the background: keeps note of those seen, reads the
 * key sets that clients publish, and warns before certificates end. */
#ifndef CB_WATCH_H
#define CB_WATCH_H

#include "oauth/snapshot.h"
#include "watch/expiry.h"

struct cb_watch;

/* All of it stays the caller's and outlives the watch. */
struct cb_watch_options {
    const struct cb_services *services;
    void *ctx;
    const struct cb_snapshot *(*hold)(void *ctx); /* the world as it is now */
    void (*release)(const struct cb_snapshot *s);
};

CB_MUST cb_watch_start(const struct cb_watch_options *o, struct cb_watch **out, struct cb_err *err);

/* Stop the fetcher first. What was seen is taken to the store. NULL is fine. */
void cb_watch_stop(struct cb_watch *w);

/* How many certificates end when: as of the last look, which is an hour old at most. */
void cb_watch_expiry(struct cb_watch *w, struct cb_expiry_counts *out);

#endif
