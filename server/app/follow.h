/* The thread that keeps the registry in step with the store. */
#ifndef CB_FOLLOW_H
#define CB_FOLLOW_H

#include "app/app.h"

struct cb_follower;

/* What the follower tells its owner. Called from its thread. */
struct cb_follower_owner {
    void *ctx;
    /* The registry was read: takes over one reference of each. */
    cb_status (*registry)(void *ctx, struct cb_registry *registry, struct cb_ring *ring, int64_t generation,
                          struct cb_err *err);
    /* When something is to be done by time alone, beside the JWK set; INT64_MAX: nothing is. */
    int64_t (*due)(void *ctx);
    /* It is that time, or the JWK set changes. */
    cb_status (*tick)(void *ctx, struct cb_err *err);
    void (*store_up)(void *ctx, bool up);
};

struct cb_follower_options {
    struct cb_store *store;
    const struct cb_kek *kek;
    enum cb_alg alg; /* of the first signing key */
    struct cb_log *log;
    struct cb_follower_owner owner;
};

CB_MUST cb_follower_start(const struct cb_follower_options *o, struct cb_follower **out, struct cb_err *err);
void cb_follower_stop(struct cb_follower *f); /* NULL is fine */

#endif
