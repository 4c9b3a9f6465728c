/* The running server: what is mutable, and the snapshot that requests see of it. */
#ifndef CB_APP_H
#define CB_APP_H

#include "app/settings.h"
#include "keys/keys.h"
#include "log/log.h"
#include "oauth/snapshot.h"
#include "store/store.h"
#include "watch/expiry.h"

struct cb_app;

/* Takes over store, key-encryption key and settings when it succeeds; the log stays the caller's. */
CB_MUST cb_app_new(struct cb_settings *settings, struct cb_store *store, struct cb_kek *kek,
                   struct cb_log *log, struct cb_app **out, struct cb_err *err);
void cb_app_free(struct cb_app *app); /* NULL is fine; no request may be under way */

/* Swaps in new settings; requests under way keep theirs. Takes one reference. CB_E_MEMORY: nothing changed.
 */
CB_MUST cb_app_set_settings(struct cb_app *app, struct cb_settings *settings, struct cb_err *err);

/* Swaps in what is known of revocation, and says the generation; 0: memory, nothing changed. Takes the
 * reference. */
uint64_t cb_app_set_revocation(struct cb_app *app, struct cb_revocation_view *view);

/* Starts the services, and a thread that reads the registry from the store, follows its changes, and makes
 * the first signing key. A store that is away is tried again every second; what was read before goes on. */
CB_MUST cb_app_follow(struct cb_app *app, struct cb_err *err);

/* The world as it is now, for threads that serve no request. */
const struct cb_snapshot *cb_app_hold(struct cb_app *app);
void cb_app_release(const struct cb_snapshot *s);

/* The threads that look after the partners' certificates: server/watch. */
CB_MUST cb_app_watch(struct cb_app *app, struct cb_err *err);

/* How the server is, for /readyz and /metrics. */
struct cb_app_health {
    bool ready; /* a token request can succeed */
    bool store_up;
    bool registry_loaded;
    bool has_signing_key;
    int64_t registry_generation;  /* of the store */
    uint64_t generation;          /* of the snapshot */
    uint64_t settings_generation; /* from which on these settings are in force, and with them the trust */
    size_t clients;
    uint64_t store_statements;
    struct cb_expiry_counts expiry;
    const struct cb_log *log;
};
void cb_app_health(const struct cb_app *app, int64_t now, struct cb_app_health *out);

#endif
