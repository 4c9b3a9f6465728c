#include <stdlib.h>

#include "base/limits.h"
#include "watch/parts.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, SEEN_BATCH = 256 };

static const struct cb_chore books[] = {
    { "key sets wished for", 200, cb_watch_wished_key_sets },
    { "all key sets", SECOND, cb_watch_all_key_sets },
    { "certificates seen", MINUTE, cb_watch_certificates_seen },
    { "certificates expiring", 2000, cb_watch_expiring },
};

static const struct cb_chore networks[] = {
    { "webhook", SECOND, cb_watch_webhook },
};

void cb_watch_certificates_seen(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    struct cb_seen_certificate batch[SEEN_BATCH];
    struct cb_err err = { 0 };
    (void)now;
    for (size_t n = SEEN_BATCH; n == SEEN_BATCH;) {
        struct cb_arena a CB_AUTO(cb_arena_done);
        cb_arena_init(&a, 16 * CB_MIB);
        n = cb_seen_take(w->o.services->seen, &a, batch, SEEN_BATCH);
        if (CB_FAILED(cb_store_certificates_seen(w->o.services->store, batch, n, &err))) {
            return; /* tried again with what comes next; the follower says that the store is away */
        }
        cb_seen_kept(w->o.services->seen, batch, n);
    }
}

/* --- the whole --- */

cb_status cb_watch_start(const struct cb_watch_options *o, struct cb_watch **out, struct cb_err *err)
{
    struct cb_watch *w = calloc(1, sizeof *w);
    CB_ENSURE(w != NULL, CB_E_MEMORY, "watch");
    w->o = *o;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->webhook = cb_webhook_new(o->services->log);
    const struct cb_key_reader reader = { .ctx = w, .read = cb_watch_read_key_set };
    if (w->webhook == NULL || CB_FAILED(cb_key_readers_new(&reader, &w->readers, err)) ||
        CB_FAILED(cb_chores_start(books, CB_COUNT(books), w, &w->books, err)) ||
        CB_FAILED(cb_chores_start(networks, CB_COUNT(networks), w, &w->networks, err))) {
        cb_watch_stop(w);
        CB_REFUSE(CB_E_MEMORY, "watch");
    }
    *out = w;
    return CB_OK;
}

void cb_watch_stop(struct cb_watch *w)
{
    if (w == NULL) {
        return;
    }
    cb_chores_stop(w->networks);
    cb_chores_stop(w->books);
    cb_key_readers_stop(w->readers);
    cb_watch_certificates_seen(w, 0);
    cb_expiry_done(&w->expiry);
    cb_webhook_free(w->webhook);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

void cb_watch_expiry(struct cb_watch *w, struct cb_expiry_counts *out)
{
    (void)pthread_mutex_lock(&w->lock);
    *out = w->counts;
    (void)pthread_mutex_unlock(&w->lock);
}
