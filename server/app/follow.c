#include "app/follow.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { RETRY_MS = 1000, WAIT_MS = 60 * 1000 };

struct cb_follower {
    struct cb_follower_options o;
    pthread_t thread;
    atomic_bool stop;
    int64_t known;          /* generation of the store that was read last; -1: none yet */
    struct cb_ring *ring;   /* of that reading, so that opened keys are taken over */
    bool store_lost;        /* the last call failed: say it once, not every second */
    enum cb_code last_said; /* why, the last time it was said */
};

/* One reading of the store. */
struct reading {
    struct cb_follower *f;
    struct cb_registry *registry;
    struct cb_ring *ring;
    size_t skipped;
};

static cb_status each_key(void *ctx, const struct cb_key_record *k, struct cb_err *err)
{
    struct reading *r = ctx;
    struct cb_err why = { 0 };
    (void)err;
    if (CB_FAILED(cb_ring_add(r->ring, r->f->ring, r->f->o.kek, k, &why))) {
        CB_LOG(r->f->o.log, CB_EV_REGISTRY_KEY_SKIPPED, &why, CB_F_STR("kid", k->kid));
        r->skipped++;
    }
    return CB_OK;
}

static cb_status each_revocation(void *ctx, const struct cb_revocation_record *v, struct cb_err *err)
{
    const struct reading *r = ctx;
    return cb_registry_add_revoked(r->registry, v->x5t, err);
}

static cb_status each_client(void *ctx, const struct cb_client_record *c, struct cb_err *err)
{
    struct reading *r = ctx;
    struct cb_err why = { 0 };
    if (CB_FAILED(cb_registry_add(r->registry, c, &why))) {
        CB_ENSURE(why.code != CB_E_MEMORY, CB_E_MEMORY, "registry");
        CB_LOG(r->f->o.log, CB_EV_REGISTRY_CLIENT_SKIPPED, &why, CB_F_STR("client_id", c->client_id));
        r->skipped++;
    }
    return CB_OK;
}

static void reading_done(struct reading *r)
{
    cb_registry_unref(r->registry);
    cb_ring_unref(r->ring);
}

/* The first key of a new store; another node may be faster, and that is as good. */
static cb_status ensure_signing_key(struct cb_follower *f, const struct cb_ring *ring, bool *out_made,
                                    struct cb_err *err)
{
    const int64_t now = cb_clock_unix();
    char kid[CB_KID_TEXT];
    struct cb_err why = { 0 };
    *out_made = false;
    if (cb_ring_signer(ring, now) != NULL) {
        return CB_OK;
    }
    if (!CB_FAILED(cb_keys_create(f->o.store, f->o.kek, f->o.alg, true, now, 0, kid, &why))) {
        CB_LOG(f->o.log, CB_EV_SIGNING_KEY_CREATED, NULL, CB_F_CSTR("kid", kid),
               CB_F_CSTR("alg", cb_alg_name(f->o.alg)));
        *out_made = true;
        return CB_OK;
    }
    CB_ENSURE(why.code == CB_E_EXISTS, why.code, "first signing key: %.180s", why.detail);
    return CB_OK;
}

static cb_status read_once(struct cb_follower *f, int64_t *out_generation, struct cb_err *err)
{
    struct reading r CB_AUTO(reading_done) = { .f = f, .registry = cb_registry_new(), .ring = cb_ring_new() };
    CB_ENSURE(r.registry != NULL && r.ring != NULL, CB_E_MEMORY, "registry");
    const int64_t began = cb_clock_monotonic_us();
    int64_t generation = 0;
    bool made = false;
    CB_TRY(cb_store_check_schema(f->o.store, err));
    CB_TRY(cb_store_read_registry(
        f->o.store,
        &(struct cb_registry_reader){
            .key = each_key, .revocation = each_revocation, .client = each_client, .ctx = &r },
        &generation, err));
    CB_TRY(ensure_signing_key(f, r.ring, &made, err));
    const size_t clients = cb_registry_count(r.registry);
    CB_TRY(f->o.owner.registry(f->o.owner.ctx, cb_registry_ref(r.registry), cb_ring_ref(r.ring), generation,
                               err));
    cb_ring_unref(f->ring);
    f->ring = CB_TAKE(r.ring);
    CB_LOG(f->o.log, CB_EV_REGISTRY_LOADED, NULL, CB_F_INT("generation", generation),
           CB_F_INT("clients", clients), CB_F_INT("skipped", r.skipped),
           CB_F_INT("microseconds", cb_clock_monotonic_us() - began));
    *out_generation = made ? -1 : generation; /* a new key is read at once */
    return CB_OK;
}

static void say_lost(struct cb_follower *f, const struct cb_err *err)
{
    const bool refused = cb_code_class(err->code) == CB_CLASS_OPERATOR;
    f->o.owner.store_up(f->o.owner.ctx, false);
    if (!f->store_lost || f->last_said != err->code) {
        CB_LOG(f->o.log, refused ? CB_EV_REGISTRY_REFUSED : CB_EV_STORE_LOST, err,
               CB_F_CSTR("store", cb_store_name(f->o.store)));
    }
    f->store_lost = true;
    f->last_said = err->code;
}

static void say_back(struct cb_follower *f)
{
    f->o.owner.store_up(f->o.owner.ctx, true);
    if (f->store_lost) {
        CB_LOG(f->o.log, CB_EV_STORE_BACK, NULL, CB_F_CSTR("store", cb_store_name(f->o.store)));
    }
    f->store_lost = false;
}

/* Until the store changes, something is due by time, or somebody wakes us. */
static cb_status wait(struct cb_follower *f, bool *out_changed, struct cb_err *err)
{
    const int64_t now = cb_clock_unix();
    const int64_t due = f->o.owner.due(f->o.owner.ctx);
    int64_t next = f->ring == NULL ? INT64_MAX : cb_ring_next_change(f->ring, now);
    if (due < next) {
        next = due > now ? due : now + 1; /* what failed is tried again */
    }
    int timeout = WAIT_MS;
    if (next != INT64_MAX && next - now < WAIT_MS / 1000) {
        timeout = (int)(next - now) * 1000;
    }
    CB_TRY(cb_store_wait_change(f->o.store, f->known, timeout, out_changed, err));
    if (!*out_changed && cb_clock_unix() >= next) {
        return f->o.owner.tick(f->o.owner.ctx, err);
    }
    return CB_OK;
}

static cb_status step(struct cb_follower *f, struct cb_err *err)
{
    bool changed = f->known < 0 || f->store_lost;
    if (!changed) {
        CB_TRY(wait(f, &changed, err));
    }
    if (changed && !atomic_load(&f->stop)) {
        CB_TRY(read_once(f, &f->known, err));
    }
    return CB_OK;
}

static void pause_ms(struct cb_follower *f, int64_t ms)
{
    const int64_t until = cb_clock_monotonic_ms() + ms;
    const struct timespec slice = { .tv_nsec = 20 * 1000000L };
    while (!atomic_load(&f->stop) && cb_clock_monotonic_ms() < until) {
        (void)nanosleep(&slice, NULL);
    }
}

static void *run(void *p)
{
    struct cb_follower *f = p;
    while (!atomic_load(&f->stop)) {
        struct cb_err err = { 0 };
        if (CB_FAILED(step(f, &err))) {
            say_lost(f, &err);
            pause_ms(f, RETRY_MS);
        } else {
            say_back(f);
        }
    }
    return NULL;
}

cb_status cb_follower_start(const struct cb_follower_options *o, struct cb_follower **out, struct cb_err *err)
{
    struct cb_follower *f = calloc(1, sizeof *f);
    CB_ENSURE(f != NULL, CB_E_MEMORY, "follower");
    f->o = *o;
    f->known = -1;
    atomic_init(&f->stop, false);
    if (pthread_create(&f->thread, NULL, run, f) != 0) {
        free(f);
        CB_REFUSE(CB_E_MEMORY, "could not start the registry thread");
    }
    *out = f;
    return CB_OK;
}

void cb_follower_stop(struct cb_follower *f)
{
    if (f == NULL) {
        return;
    }
    atomic_store(&f->stop, true);
    cb_store_wake(f->o.store);
    (void)pthread_join(f->thread, NULL);
    cb_ring_unref(f->ring);
    free(f);
}
