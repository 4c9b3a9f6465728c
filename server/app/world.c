#include "app/world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "oauth/metadata.h"

/* A snapshot with its owner's side: what it holds references to. */
struct held_snapshot {
    struct cb_snapshot public; /* first, so that the two pointers are the same */
    atomic_size_t references;
    struct cb_world_parts parts;
};

struct cb_world {
    pthread_mutex_t lock; /* guards `current` and makes swaps one at a time */
    struct held_snapshot *current;
};

static void parts_unref(struct cb_world_parts *p)
{
    cb_settings_unref(p->settings);
    cb_registry_unref(p->registry);
    cb_ring_unref(p->ring);
    cb_revocation_view_unref(p->revocation);
    *p = (struct cb_world_parts){ 0 };
}

/* Where `fresh` has nothing, a reference of what is there. */
static void parts_keep(struct cb_world_parts *fresh, const struct cb_world_parts *old)
{
    if (fresh->settings == NULL) {
        fresh->settings = cb_settings_ref(old->settings);
    }
    if (fresh->registry == NULL && old->registry != NULL) {
        fresh->registry = cb_registry_ref(old->registry);
    }
    if (fresh->ring == NULL && old->ring != NULL) {
        fresh->ring = cb_ring_ref(old->ring);
    }
    if (fresh->revocation == NULL && old->revocation != NULL) {
        fresh->revocation = cb_revocation_view_ref(old->revocation);
    }
}

static void snapshot_unref(struct held_snapshot *h)
{
    if (h == NULL || atomic_fetch_sub_explicit(&h->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cb_document_unref(h->public.jwks);
    parts_unref(&h->parts);
    free(h);
}

static void auto_snapshot(struct held_snapshot **h)
{
    snapshot_unref(*h);
}

/* Takes the references that the parts are, also when it fails. */
static cb_status snapshot_new(struct cb_world_parts *parts, uint64_t generation, uint64_t trust_generation,
                              struct held_snapshot **out, struct cb_err *err)
{
    CB_AUTO(auto_snapshot) struct held_snapshot *h = calloc(1, sizeof *h);
    if (h == NULL) {
        parts_unref(parts);
        CB_REFUSE(CB_E_MEMORY, "snapshot");
    }
    atomic_init(&h->references, 1);
    h->parts = *parts;
    h->public = (struct cb_snapshot){
        .generation = generation,
        .trust_generation = trust_generation,
        .config = parts->settings->config,
        .trust = parts->settings->trust,
        .directories = parts->settings->directories,
        .registry = parts->registry,
        .ring = parts->ring,
        .revocation = parts->revocation,
        .metadata = parts->settings->metadata,
    };
    if (parts->ring != NULL) {
        CB_TRY(cb_jwks_document(parts->ring, cb_clock_unix(), &h->public.jwks, err));
    }
    *out = CB_TAKE(h);
    return CB_OK;
}

cb_status cb_world_swap(struct cb_world *w, struct cb_world_parts fresh, struct cb_err *err)
{
    struct held_snapshot *next = NULL;
    (void)pthread_mutex_lock(&w->lock);
    struct held_snapshot *old = w->current;
    const uint64_t generation = old->public.generation + 1;
    const uint64_t trust_generation = fresh.settings == NULL ? old->public.trust_generation : generation;
    parts_keep(&fresh, &old->parts);
    const cb_status st = snapshot_new(&fresh, generation, trust_generation, &next, err);
    if (!CB_FAILED(st)) {
        w->current = next;
    }
    (void)pthread_mutex_unlock(&w->lock);
    if (!CB_FAILED(st)) {
        snapshot_unref(old);
    }
    return st;
}

const struct cb_snapshot *cb_world_hold(struct cb_world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    struct held_snapshot *h = w->current;
    atomic_fetch_add_explicit(&h->references, 1, memory_order_relaxed);
    (void)pthread_mutex_unlock(&w->lock);
    return &h->public;
}

void cb_world_release(const struct cb_snapshot *s)
{
    snapshot_unref((struct held_snapshot *)(uintptr_t)s); /* its first member */
}

void cb_world_auto_release(const struct cb_snapshot **s)
{
    cb_world_release(*s);
}

cb_status cb_world_new(struct cb_settings *settings, struct cb_world **out, struct cb_err *err)
{
    struct cb_world *w = calloc(1, sizeof *w);
    CB_ENSURE(w != NULL, CB_E_MEMORY, "snapshots");
    struct cb_world_parts first = { .settings = cb_settings_ref(settings) };
    if (CB_FAILED(snapshot_new(&first, 1, 1, &w->current, err))) {
        free(w);
        return CB_FAIL;
    }
    cb_settings_unref(settings);
    (void)pthread_mutex_init(&w->lock, NULL);
    *out = w;
    return CB_OK;
}

void cb_world_free(struct cb_world *w)
{
    if (w == NULL) {
        return;
    }
    snapshot_unref(w->current);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}
