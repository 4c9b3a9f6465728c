#include "app/app.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "app/follow.h"
#include "app/services.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cert/name.h"
#include "oauth/metadata.h"
#include "onboarding/directories.h"
#include "onboarding/suspension.h"
#include "watch/watch.h"

enum { SETTLE_MS = 1000 };

struct cb_settings {
    atomic_size_t references;
    struct cb_arena arena;
    struct cb_config *config;
    struct cb_trust_groups *trust;
    struct cb_directories *directories;
    struct cb_document *metadata;
};

/* What a snapshot is made of. Each part is swapped in by another: a reload, the follower. */
struct parts {
    struct cb_settings *settings;
    struct cb_registry *registry; /* NULL until the store was read once, as is the ring */
    struct cb_ring *ring;
    struct cb_revocation_view *revocation; /* NULL until there is a worker that knows something */
};

/* A snapshot with its owner's side: what it holds references to. */
struct held_snapshot {
    struct cb_snapshot public; /* first, so that the two pointers are the same */
    atomic_size_t references;
    struct parts parts;
};

struct cb_app {
    struct cb_services services;
    struct cb_kek *kek;
    struct cb_follower *follower;
    struct cb_watch *watch;
    atomic_bool store_up;
    atomic_int_least64_t registry_generation;
    pthread_mutex_t lock; /* guards `current` and makes swaps one at a time */
    struct held_snapshot *current;
};

/* --- settings --- */

void cb_settings_unref(struct cb_settings *s)
{
    if (s != NULL && atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) == 1) {
        cb_document_unref(s->metadata);
        cb_trust_groups_unref(s->trust);
        cb_directories_unref(s->directories);
        cb_arena_done(&s->arena);
        free(s);
    }
}

static void auto_settings(struct cb_settings **s)
{
    cb_settings_unref(*s);
}

struct cb_settings *cb_settings_ref(struct cb_settings *s)
{
    atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
    return s;
}

/* A name that cannot be read would lock its owner out without a word. */
static cb_status check_administrators(struct cb_settings *s, struct cb_err *err)
{
    for (size_t i = 0; i < s->config->administrator_count; i++) {
        const struct cb_name *name = NULL;
        struct cb_err why = { 0 };
        CB_ENSURE(!CB_FAILED(cb_name_from_text(&s->arena, cb_str_of(s->config->administrators[i].subject),
                                               &name, &why)),
                  CB_E_CONFIG, "administrators[].subject, entry %zu: %.160s", i + 1, why.detail);
    }
    return CB_OK;
}

cb_status cb_settings_load(const char *path, struct cb_settings **out, struct cb_buf *problems,
                           struct cb_err *err)
{
    CB_AUTO(auto_settings) struct cb_settings *s = calloc(1, sizeof *s);
    CB_ENSURE(s != NULL, CB_E_MEMORY, "settings");
    atomic_init(&s->references, 1);
    cb_arena_init(&s->arena, 16 * CB_MIB);
    CB_TRY(cb_config_load(&s->arena, path, &s->config, problems, err));
    CB_TRY(check_administrators(s, err));
    CB_TRY(cb_trust_groups_load(s->config, &s->trust, err));
    CB_TRY(cb_directories_load(s->config, &s->directories, err));
    CB_TRY(cb_metadata_document(s->config, &s->metadata, err));
    *out = CB_TAKE(s);
    return CB_OK;
}

const struct cb_config *cb_settings_config(const struct cb_settings *s)
{
    return s->config;
}

struct cb_trust_groups *cb_settings_trust(const struct cb_settings *s)
{
    return s->trust;
}

/* --- snapshots --- */

static void parts_unref(struct parts *p)
{
    cb_settings_unref(p->settings);
    cb_registry_unref(p->registry);
    cb_ring_unref(p->ring);
    cb_revocation_view_unref(p->revocation);
    *p = (struct parts){ 0 };
}

/* Where `fresh` has nothing, a reference of what is there. */
static void parts_keep(struct parts *fresh, const struct parts *old)
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

static void snapshot_unref(void *p)
{
    struct held_snapshot *h = p;
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

static struct held_snapshot *current_ref(struct cb_app *app)
{
    (void)pthread_mutex_lock(&app->lock);
    struct held_snapshot *h = app->current;
    atomic_fetch_add_explicit(&h->references, 1, memory_order_relaxed);
    (void)pthread_mutex_unlock(&app->lock);
    return h;
}

/* Takes the references that the parts are, also when it fails. */
static cb_status snapshot_new(struct parts *parts, uint64_t generation, struct held_snapshot **out,
                              struct cb_err *err)
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

/* Swaps parts of the snapshot: what is NULL stays as it is. Takes a reference of what is given. */
static cb_status swap(struct cb_app *app, struct parts fresh, struct cb_err *err)
{
    struct held_snapshot *next = NULL;
    (void)pthread_mutex_lock(&app->lock);
    struct held_snapshot *old = app->current;
    parts_keep(&fresh, &old->parts);
    const cb_status st = snapshot_new(&fresh, old->public.generation + 1, &next, err);
    if (!CB_FAILED(st)) {
        app->current = next;
    }
    (void)pthread_mutex_unlock(&app->lock);
    if (!CB_FAILED(st)) {
        snapshot_unref(old);
    }
    return st;
}

cb_status cb_app_set_settings(struct cb_app *app, struct cb_settings *settings, struct cb_err *err)
{
    CB_TRY(swap(app, (struct parts){ .settings = settings }, err));
    cb_services_follow(&app->services, settings->config);
    cb_store_wake(app->services.store); /* other statements may matter now */
    return CB_OK;
}

uint64_t cb_app_set_revocation(struct cb_app *app, struct cb_revocation_view *view)
{
    if (CB_FAILED(swap(app, (struct parts){ .revocation = view }, NULL))) {
        return 0;
    }
    struct held_snapshot *h = current_ref(app);
    const uint64_t generation = h->public.generation;
    snapshot_unref(h);
    return generation;
}

cb_status cb_app_snapshot(const struct cb_app *app, struct cb_request *rq, struct cb_err *err)
{
    if (rq->snapshot != NULL) {
        return CB_OK;
    }
    /* The one place where a request touches what is mutable; the endpoints keep their const. */
    struct held_snapshot *h = current_ref((struct cb_app *)(uintptr_t)app);
    CB_ENSURE(cb_arena_defer(rq->arena, snapshot_unref, h), CB_E_MEMORY, "request");
    rq->snapshot = &h->public;
    return CB_OK;
}

const struct cb_snapshot *cb_app_hold(struct cb_app *app)
{
    return &current_ref(app)->public;
}

void cb_app_release(const struct cb_snapshot *s)
{
    snapshot_unref((struct held_snapshot *)(uintptr_t)s); /* its first member */
}

/* --- for endpoints that change something --- */

const struct cb_services *cb_app_services(const struct cb_app *app)
{
    return &app->services;
}

static bool is_settled(const struct cb_app *app, struct cb_str client_id, int64_t revision)
{
    struct held_snapshot *h = current_ref((struct cb_app *)(uintptr_t)app);
    const struct cb_client *client =
        h->parts.registry == NULL ? NULL : cb_registry_find(h->parts.registry, client_id);
    const bool settled = revision == 0 ? client == NULL : client != NULL && client->revision >= revision;
    snapshot_unref(h);
    return settled;
}

void cb_app_settle(const struct cb_app *app, struct cb_str client_id, int64_t revision)
{
    const struct timespec pause = { .tv_nsec = 1000000L };
    const int64_t until = cb_clock_monotonic_ms() + SETTLE_MS;
    cb_store_wake(app->services.store); /* the follower looks at once */
    while (!is_settled(app, client_id, revision) && cb_clock_monotonic_ms() < until) {
        (void)nanosleep(&pause, NULL);
    }
}

/* --- the follower's side --- */

static cb_status on_registry(void *ctx, struct cb_registry *registry, struct cb_ring *ring,
                             int64_t generation, struct cb_err *err)
{
    struct cb_app *app = ctx;
    CB_TRY(swap(app, (struct parts){ .registry = registry, .ring = ring }, err));
    atomic_store(&app->registry_generation, generation);
    return CB_OK;
}

static int64_t on_due(void *ctx)
{
    struct held_snapshot *h = current_ref(ctx);
    const int64_t next = h->parts.registry == NULL
                             ? INT64_MAX
                             : cb_suspension_next(h->parts.registry, h->parts.settings->config);
    snapshot_unref(h);
    return next;
}

static cb_status on_tick(void *ctx, struct cb_err *err)
{
    struct cb_app *app = ctx;
    CB_TRY(swap(app, (struct parts){ 0 }, err));
    struct held_snapshot *h = current_ref(app);
    const cb_status done = cb_suspend_ended(app->services.store, h->parts.registry, h->parts.settings->config,
                                            cb_clock_unix(), app->services.log, err);
    snapshot_unref(h);
    return done;
}

static void on_store_up(void *ctx, bool up)
{
    struct cb_app *app = ctx;
    atomic_store(&app->store_up, up);
}

cb_status cb_app_follow(struct cb_app *app, struct cb_err *err)
{
    const struct cb_config *config = app->current->parts.settings->config;
    CB_TRY(cb_services_start(&app->services, config, err));
    return cb_follower_start(
        &(struct cb_follower_options){
            .store = app->services.store,
            .kek = app->kek,
            .alg = cb_alg_of(cb_str_of(config->signing_algorithm)),
            .log = app->services.log,
            .owner = { .ctx = app,
                       .registry = on_registry,
                       .due = on_due,
                       .tick = on_tick,
                       .store_up = on_store_up },
        },
        &app->follower, err);
}

/* --- the watch's side --- */

static const struct cb_snapshot *hold(void *ctx)
{
    return cb_app_hold(ctx);
}

cb_status cb_app_watch(struct cb_app *app, struct cb_err *err)
{
    return cb_watch_start(
        &(struct cb_watch_options){
            .services = &app->services,
            .ctx = app,
            .hold = hold,
            .release = cb_app_release,
        },
        &app->watch, err);
}

/* --- the whole --- */

cb_status cb_app_new(struct cb_settings *settings, struct cb_store *store, struct cb_kek *kek,
                     struct cb_log *log, struct cb_app **out, struct cb_err *err)
{
    struct cb_app *app = calloc(1, sizeof *app);
    CB_ENSURE(app != NULL, CB_E_MEMORY, "server");
    struct parts first = { .settings = cb_settings_ref(settings) };
    if (CB_FAILED(snapshot_new(&first, 1, &app->current, err))) {
        free(app);
        return CB_FAIL;
    }
    cb_settings_unref(settings);
    app->services.log = log;
    app->services.store = store;
    app->kek = kek;
    atomic_init(&app->store_up, false);
    atomic_init(&app->registry_generation, 0);
    (void)pthread_mutex_init(&app->lock, NULL);
    *out = app;
    return CB_OK;
}

void cb_app_free(struct cb_app *app)
{
    if (app == NULL) {
        return;
    }
    cb_services_interrupt(&app->services);
    cb_watch_stop(app->watch);
    cb_follower_stop(app->follower);
    cb_services_stop(&app->services);
    snapshot_unref(app->current);
    cb_kek_free(app->kek);
    cb_store_close(app->services.store);
    (void)pthread_mutex_destroy(&app->lock);
    free(app);
}

void cb_app_health(const struct cb_app *app, int64_t now, struct cb_app_health *out)
{
    struct held_snapshot *h = current_ref((struct cb_app *)(uintptr_t)app);
    const bool loaded = h->parts.registry != NULL;
    const bool signing = loaded && cb_ring_signer(h->parts.ring, now) != NULL;
    *out = (struct cb_app_health){
        .ready = loaded && signing,
        .store_up = atomic_load(&app->store_up),
        .registry_loaded = loaded,
        .has_signing_key = signing,
        .registry_generation = atomic_load(&app->registry_generation),
        .generation = h->public.generation,
        .clients = loaded ? cb_registry_count(h->parts.registry) : 0,
        .store_statements = cb_store_statement_count(app->services.store),
        .log = app->services.log,
    };
    if (app->watch != NULL) {
        cb_watch_expiry(app->watch, &out->expiry);
    }
    snapshot_unref(h);
}
