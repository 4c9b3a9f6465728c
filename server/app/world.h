/* The snapshot in force, and its swapping: requests that hold the old one go on with it. Thread-safe. */
#ifndef CB_WORLD_H
#define CB_WORLD_H

#include "app/settings.h"

struct cb_world;

/* What a snapshot is made of. Each part is swapped in by another: a reload, the follower of the store, the
 * revocation worker. */
struct cb_world_parts {
    struct cb_settings *settings;
    struct cb_registry *registry; /* NULL until the store was read once, as is the ring */
    struct cb_ring *ring;
    struct cb_revocation_view *revocation; /* NULL until there is a worker that knows something */
};

/* Takes over the settings when it succeeds. CB_E_MEMORY. */
CB_MUST cb_world_new(struct cb_settings *settings, struct cb_world **out, struct cb_err *err);
void cb_world_free(struct cb_world *w); /* NULL is fine */

/* A new snapshot of the next generation: a part that is NULL stays as it is, and one that is given is taken
 * over, also when it fails. CB_E_MEMORY: nothing changed. */
CB_MUST cb_world_swap(struct cb_world *w, struct cb_world_parts fresh, struct cb_err *err);

/* The world as it is now, until it is released. Never NULL. */
const struct cb_snapshot *cb_world_hold(struct cb_world *w);
void cb_world_release(const struct cb_snapshot *s);
void cb_world_auto_release(const struct cb_snapshot **s); /* for CB_AUTO */

#endif
