/* One handle, many threads: some change, some read, one waits and is woken. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "races.h"

enum { EACH = 8 };

struct shared {
    struct cb_store *store;
    atomic_int number;
    atomic_int failures;
    atomic_int changes_seen;
    atomic_bool stop;
};

static void expect_ok(struct shared *sh, cb_status s, const struct cb_err *err)
{
    if (CB_FAILED(s)) {
        (void)fprintf(stderr, "shared handle: %s\n", err->detail);
        atomic_fetch_add(&sh->failures, 1);
    }
}

static cb_status count_client(void *ctx, const struct cb_client_record *c, struct cb_err *err)
{
    (void)c;
    (void)err;
    ++*(int *)ctx;
    return CB_OK;
}

static void *work(void *p)
{
    struct shared *sh = p;
    const int me = atomic_fetch_add(&sh->number, 1);
    for (int i = 0; i < EACH; i++) {
        struct cb_err err = { 0 };
        char id[32];
        int64_t g = 0;
        int clients = 0;
        (void)snprintf(id, sizeof id, "c-%d-%d", me, i);
        const struct cb_client_record c = { .client_id = cb_str_of(id),
                                            .auth_method = CB_STR("tls_client_auth") };
        expect_ok(sh, cb_store_client_add(sh->store, &c, &err), &err);
        expect_ok(sh, cb_store_check_schema(sh->store, &err), &err);
        expect_ok(
            sh,
            cb_store_read_registry(
                sh->store, &(struct cb_registry_reader){ .client = count_client, .ctx = &clients }, &g, &err),
            &err);
        if (g != clients + 1) { /* one change for each client, from 1 on */
            (void)fprintf(stderr, "shared handle: generation %lld with %d clients\n", (long long)g, clients);
            atomic_fetch_add(&sh->failures, 1);
        }
        (void)cb_store_statement_count(sh->store);
    }
    return NULL;
}

static void *follow(void *p)
{
    struct shared *sh = p;
    while (!atomic_load(&sh->stop)) {
        struct cb_err err = { 0 };
        bool changed = false;
        int64_t g = 0;
        expect_ok(sh, cb_store_read_registry(sh->store, &(struct cb_registry_reader){ 0 }, &g, &err), &err);
        expect_ok(sh, cb_store_wait_change(sh->store, g, 60000, &changed, &err), &err);
        atomic_fetch_add(&sh->changes_seen, changed);
    }
    return NULL;
}

/* The follower may have had no turn while the others were at work. */
static void change_until_seen(struct shared *sh)
{
    for (int i = 0; i < 200 && atomic_load(&sh->changes_seen) == 0; i++) {
        struct cb_err err = { 0 };
        expect_ok(sh, cb_store_client_set_enabled(sh->store, CB_STR("c-0-0"), i % 2 == 0, i, &err), &err);
        (void)usleep(50 * 1000);
    }
}

int race_on_one_handle(struct cb_store *store)
{
    struct shared sh = { .store = store };
    pthread_t follower, workers[RACERS];
    int started = pthread_create(&follower, NULL, follow, &sh);
    for (int i = 0; i < RACERS; i++) {
        started += pthread_create(&workers[i], NULL, work, &sh);
    }
    if (started != 0) {
        return started;
    }
    for (int i = 0; i < RACERS; i++) {
        (void)pthread_join(workers[i], NULL);
    }
    change_until_seen(&sh);
    atomic_store(&sh.stop, true);
    cb_store_wake(store);
    (void)pthread_join(follower, NULL);
    if (atomic_load(&sh.changes_seen) == 0) {
        (void)fprintf(stderr, "shared handle: the follower saw no change\n");
    }
    return atomic_load(&sh.failures) + (atomic_load(&sh.changes_seen) == 0);
}
