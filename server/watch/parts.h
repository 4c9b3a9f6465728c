/* The inside of the watch, for server/watch/ alone. */
#ifndef CB_WATCH_PARTS_H
#define CB_WATCH_PARTS_H

#include <pthread.h>

#include "watch/chores.h"
#include "watch/key_readers.h"
#include "watch/watch.h"
#include "watch/webhook.h"

struct cb_watch {
    struct cb_watch_options o;
    struct cb_chores *books;             /* asks nobody but the store */
    struct cb_chores *networks;          /* may wait for the webhook's receiver */
    struct cb_key_readers *readers;      /* may wait for clients */
    int64_t next_round;                  /* of all key sets */
    struct cb_expiry expiry;             /* of the books' thread */
    int64_t next_look;                   /* at what ends; likewise */
    const struct cb_config *looked_with; /* likewise; compared, never followed */
    struct cb_webhook *webhook;
    pthread_mutex_t lock;
    struct cb_expiry_counts counts; /* under the lock */
};

/* The chores. */
void cb_watch_certificates_seen(void *watch, int64_t now);
void cb_watch_expiring(void *watch, int64_t now);
void cb_watch_wished_key_sets(void *watch, int64_t now);
void cb_watch_all_key_sets(void *watch, int64_t now);
void cb_watch_webhook(void *watch, int64_t now);

/* The readers' work. */
void cb_watch_read_key_set(void *watch, struct cb_str client_id, bool wished);

#endif
