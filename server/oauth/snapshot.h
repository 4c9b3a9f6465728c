/* The world that one request lives in: configuration, trust, clients and keys as they were when it began.
 * Immutable and reference counted; a reload or a change in the store makes a new one and swaps it in. */
#ifndef CB_SNAPSHOT_H
#define CB_SNAPSHOT_H

#include "config/config.h"
#include "keys/ring.h"
#include "log/log.h"
#include "oauth/exchange.h"
#include "partner/key_wishes.h"
#include "partner/registry.h"
#include "partner/seen.h"
#include "revocation/revocation.h"

struct cb_snapshot {
    uint64_t generation;       /* one more with every swap, in this process */
    uint64_t trust_generation; /* from which on these trust groups are in force */
    const struct cb_config *config;
    const struct cb_trust_groups *trust;
    const struct cb_directories *directories;
    const struct cb_registry *registry;          /* NULL until the store was read once */
    const struct cb_ring *ring;                  /* likewise */
    const struct cb_revocation_view *revocation; /* NULL: nothing is known */
    struct cb_document *metadata;
    struct cb_document *jwks; /* NULL until the store was read once */
};

/* Fills rq->snapshot, once: the same until the request's arena is reset. Provided by app/. CB_E_MEMORY. */
CB_MUST cb_app_snapshot(const struct cb_app *app, struct cb_request *rq, struct cb_err *err);

/* What is mutable beside the snapshot; thread-safe. */
struct cb_services {
    struct cb_store *store;
    const struct cb_kek *kek; /* seals new signing keys */
    struct cb_log *log;
    struct cb_fetcher *fetcher;
    struct cb_key_sources *keys;  /* of directories and of partners' software, by URL */
    struct cb_seen *seen;         /* certificates that clients were seen with; NULL: not noted */
    struct cb_key_wishes *wishes; /* for a client's jwks_uri to be read again; NULL: it is not */
};
const struct cb_services *cb_app_services(const struct cb_app *app); /* provided by app/ */

/* Waits until new requests see the client as it was just written: at its revision or later; 0: gone. A store
 * that is away ends the waiting after a second. Provided by app/. */
void cb_app_settle(const struct cb_app *app, struct cb_str client_id, int64_t revision);

#endif
