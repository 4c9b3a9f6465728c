#include "app/app.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "app/follow.h"
#include "app/services.h"
#include "app/world.h"
#include "base/clock.h"
#include "onboarding/suspension.h"
#include "watch/watch.h"

enum { SETTLE_MS = 1000 };

struct cb_app {
    struct cb_services services;
    struct cb_kek *kek;
    struct cb_follower *follower;
    struct cb_watch *watch;
    atomic_bool store_up;
    atomic_int_least64_t registry_generation;
    struct cb_world *world;
};

/* --- snapshots --- */

/* Clients that the configuration in force shuts out. The operator's alert is that of the skipped ones. */
static void say_shut_out(struct cb_app *app)
{
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    for (size_t i = 0; s->registry != NULL && i < cb_registry_count(s->registry); i++) {
        const struct cb_client *client = cb_registry_at(s->registry, i);
        struct cb_err why = { 0 };
        if (CB_FAILED(cb_client_check_group(client, s->config, &why))) {
            CB_LOG(app->services.log, CB_EV_REGISTRY_CLIENT_SKIPPED, &why, CB_F_STR("client_id", client->id));
        }
    }
}

cb_status cb_app_set_settings(struct cb_app *app, struct cb_settings *settings, struct cb_err *err)
{
    CB_TRY(cb_world_swap(app->world, (struct cb_world_parts){ .settings = settings }, err));
    cb_services_follow(&app->services, settings->config);
    say_shut_out(app);
    cb_store_wake(app->services.store); /* other statements may matter now */
    return CB_OK;
}

uint64_t cb_app_set_revocation(struct cb_app *app, struct cb_revocation_view *view)
{
    if (CB_FAILED(cb_world_swap(app->world, (struct cb_world_parts){ .revocation = view }, NULL))) {
        return 0;
    }
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    return s->generation;
}

static void release(void *s)
{
    cb_world_release(s);
}

cb_status cb_app_snapshot(const struct cb_app *app, struct cb_request *rq, struct cb_err *err)
{
    if (rq->snapshot != NULL) {
        return CB_OK;
    }
    const struct cb_snapshot *s = cb_world_hold(app->world);
    CB_ENSURE(cb_arena_defer(rq->arena, release, (void *)(uintptr_t)s), CB_E_MEMORY, "request");
    rq->snapshot = s;
    return CB_OK;
}

const struct cb_snapshot *cb_app_hold(struct cb_app *app)
{
    return cb_world_hold(app->world);
}

void cb_app_release(const struct cb_snapshot *s)
{
    cb_world_release(s);
}

/* --- for endpoints that change something --- */

const struct cb_services *cb_app_services(const struct cb_app *app)
{
    return &app->services;
}

static bool is_settled(const struct cb_app *app, struct cb_str client_id, int64_t revision)
{
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    const struct cb_client *client = s->registry == NULL ? NULL : cb_registry_find(s->registry, client_id);
    return revision == 0 ? client == NULL : client != NULL && client->revision >= revision;
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
    CB_TRY(cb_world_swap(app->world, (struct cb_world_parts){ .registry = registry, .ring = ring }, err));
    atomic_store(&app->registry_generation, generation);
    say_shut_out(app);
    return CB_OK;
}

static int64_t on_due(void *ctx)
{
    struct cb_app *app = ctx;
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    return s->registry == NULL ? INT64_MAX : cb_suspension_next(s->registry, s->config);
}

static cb_status on_tick(void *ctx, struct cb_err *err)
{
    struct cb_app *app = ctx;
    CB_TRY(cb_world_swap(app->world, (struct cb_world_parts){ 0 }, err));
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    return cb_suspend_ended(app->services.store, s->registry, s->config, cb_clock_unix(), app->services.log,
                            err);
}

static void on_store_up(void *ctx, bool up)
{
    struct cb_app *app = ctx;
    atomic_store(&app->store_up, up);
}

cb_status cb_app_follow(struct cb_app *app, struct cb_err *err)
{
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    const struct cb_config *config = s->config;
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
    if (CB_FAILED(cb_world_new(settings, &app->world, err))) {
        free(app);
        return CB_FAIL;
    }
    app->services.log = log;
    app->services.store = store;
    app->services.kek = kek;
    app->kek = kek;
    atomic_init(&app->store_up, false);
    atomic_init(&app->registry_generation, 0);
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
    cb_world_free(app->world);
    cb_kek_free(app->kek);
    cb_store_close(app->services.store);
    free(app);
}

void cb_app_health(const struct cb_app *app, int64_t now, struct cb_app_health *out)
{
    CB_AUTO(cb_world_auto_release) const struct cb_snapshot *s = cb_world_hold(app->world);
    const bool loaded = s->registry != NULL;
    const bool signing = loaded && cb_ring_signer(s->ring, now) != NULL;
    *out = (struct cb_app_health){
        .ready = loaded && signing,
        .store_up = atomic_load(&app->store_up),
        .registry_loaded = loaded,
        .has_signing_key = signing,
        .registry_generation = atomic_load(&app->registry_generation),
        .generation = s->generation,
        .settings_generation = s->trust_generation,
        .clients = loaded ? cb_registry_count(s->registry) : 0,
        .store_statements = cb_store_statement_count(app->services.store),
        .log = app->services.log,
    };
    if (app->watch != NULL) {
        cb_watch_expiry(app->watch, &out->expiry);
    }
}
