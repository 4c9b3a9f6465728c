#include "revocation/desk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { PLACES = 128 };

struct cb_desk {
    atomic_size_t references;
    atomic_uint_least64_t counts[CB_DESK__MAX];
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool woken, closed;
    struct cb_ask asks[PLACES]; /* a ring */
    size_t first, count;
};

struct cb_desk *cb_desk_new(void)
{
    struct cb_desk *d = calloc(1, sizeof *d);
    pthread_condattr_t monotonic;
    if (d == NULL) {
        return NULL;
    }
    atomic_init(&d->references, 1);
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&d->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return d;
}

struct cb_desk *cb_desk_ref(struct cb_desk *d)
{
    atomic_fetch_add_explicit(&d->references, 1, memory_order_relaxed);
    return d;
}

static void clear(struct cb_desk *d)
{
    for (; d->count > 0; d->count--) {
        cb_ask_done(&d->asks[d->first]);
        d->first = (d->first + 1) % PLACES;
    }
}

void cb_desk_unref(struct cb_desk *d)
{
    if (d != NULL && atomic_fetch_sub_explicit(&d->references, 1, memory_order_acq_rel) == 1) {
        clear(d);
        (void)pthread_cond_destroy(&d->changed);
        (void)pthread_mutex_destroy(&d->lock);
        free(d);
    }
}

void cb_desk_count(struct cb_desk *d, enum cb_desk_outcome outcome)
{
    atomic_fetch_add_explicit(&d->counts[outcome], 1, memory_order_relaxed);
}

uint64_t cb_desk_counted(const struct cb_desk *d, enum cb_desk_outcome outcome)
{
    return atomic_load_explicit(&d->counts[outcome], memory_order_relaxed);
}

/* --- asks --- */

void cb_ask_done(struct cb_ask *a)
{
    free(a->group);
    free((void *)(uintptr_t)a->leaf.p);
    cb_trust_path_unref(a->path);
    *a = (struct cb_ask){ .group = NULL };
}

static bool ask_init(struct cb_ask *a, struct cb_str group, const struct cb_trust_path *path,
                     struct cb_str leaf, bool stale)
{
    *a = (struct cb_ask){ .group = strndup(group.p, group.n), .leaf.p = malloc(leaf.n), .stale = stale };
    if (a->group == NULL || a->leaf.p == NULL) {
        cb_ask_done(a);
        return false;
    }
    a->leaf.n = leaf.n;
    memcpy((char *)(uintptr_t)a->leaf.p, leaf.p, leaf.n);                 /* ours until it is left */
    a->path = cb_trust_path_ref((struct cb_trust_path *)(uintptr_t)path); /* counted, not changed */
    return true;
}

static bool waits(const struct cb_desk *d, struct cb_str group, struct cb_str leaf)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct cb_ask *a = &d->asks[(d->first + i) % PLACES];
        if (cb_str_eq(a->leaf, leaf) && cb_str_is(group, a->group)) {
            return true;
        }
    }
    return false;
}

void cb_desk_leave(struct cb_desk *d, struct cb_str group, const struct cb_trust_path *path,
                   struct cb_str leaf, bool stale)
{
    (void)pthread_mutex_lock(&d->lock);
    if (!d->closed && d->count < PLACES && !waits(d, group, leaf) &&
        ask_init(&d->asks[(d->first + d->count) % PLACES], group, path, leaf, stale)) {
        d->count++;
        (void)pthread_cond_signal(&d->changed);
    }
    (void)pthread_mutex_unlock(&d->lock);
}

bool cb_desk_take(struct cb_desk *d, struct cb_ask *out)
{
    (void)pthread_mutex_lock(&d->lock);
    const bool has = d->count > 0;
    if (has) {
        *out = d->asks[d->first];
        d->asks[d->first] = (struct cb_ask){ .group = NULL };
        d->first = (d->first + 1) % PLACES;
        d->count--;
    }
    (void)pthread_mutex_unlock(&d->lock);
    return has;
}

/* --- waiting --- */

static struct timespec in_ms(int64_t ms)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    const int64_t ns = t.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){ .tv_sec = t.tv_sec + (time_t)(ms / 1000 + ns / 1000000000),
                              .tv_nsec = (long)(ns % 1000000000) };
}

void cb_desk_wait(struct cb_desk *d, int64_t ms)
{
    const struct timespec until = in_ms(ms);
    int rc = 0;
    (void)pthread_mutex_lock(&d->lock);
    while (d->count == 0 && !d->woken && rc == 0) {
        rc = pthread_cond_timedwait(&d->changed, &d->lock, &until);
    }
    d->woken = false;
    (void)pthread_mutex_unlock(&d->lock);
}

void cb_desk_wake(struct cb_desk *d)
{
    (void)pthread_mutex_lock(&d->lock);
    d->woken = true;
    (void)pthread_cond_signal(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
}

void cb_desk_close(struct cb_desk *d)
{
    (void)pthread_mutex_lock(&d->lock);
    d->closed = true;
    clear(d);
    (void)pthread_mutex_unlock(&d->lock);
}
