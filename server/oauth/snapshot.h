/* The world that one request lives in: configuration, trust, clients and keys as they were when it began.
 * Immutable and reference counted; a reload or a change in the store makes a new one and swaps it in. */
#ifndef CB_SNAPSHOT_H
#define CB_SNAPSHOT_H

#include "config/config.h"
#include "keys/ring.h"
#include "oauth/exchange.h"
#include "partner/registry.h"

struct cb_snapshot {
    uint64_t generation; /* one more with every swap, in this process */
    const struct cb_config *config;
    const struct cb_trust_groups *trust;
    const struct cb_registry *registry; /* NULL until the store was read once */
    const struct cb_ring *ring;         /* likewise */
    struct cb_document *metadata;
    struct cb_document *jwks; /* NULL until the store was read once */
};

/* Fills rq->snapshot, once: the same until the request's arena is reset. Provided by app/. CB_E_MEMORY. */
CB_MUST cb_app_snapshot(const struct cb_app *app, struct cb_request *rq, struct cb_err *err);

#endif
