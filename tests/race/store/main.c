/* Runs every race several times, each in a database of its own that all racers have migrated at once. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "races.h"
#include "testlib/database.h"

enum { ROUNDS = 3 };

static char where[512];
static int failures;

static void check(bool condition, const char *race, const char *what, long long got, const struct cb_err *err)
{
    if (!condition) {
        (void)fprintf(stderr, "%s: %s: %lld (%s)\n", race, what, got, err->detail);
        failures++;
    }
}

typedef cb_status (*run_fn)(struct cb_store *s, int racer, struct cb_err *err);

struct racer {
    pthread_t thread;
    int number;
    run_fn run;
    struct cb_store *store;
    struct cb_err err;
};

static pthread_barrier_t start;

static void *race_on(void *p)
{
    struct racer *r = p;
    (void)pthread_barrier_wait(&start);
    (void)r->run(r->store, r->number, &r->err).v_;
    return NULL;
}

static void run_all(struct racer racers[RACERS], run_fn run)
{
    (void)pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        racers[i].run = run;
        racers[i].err = (struct cb_err){ 0 };
        database_need(pthread_create(&racers[i].thread, NULL, race_on, &racers[i]) == 0, "pthread_create");
    }
    for (int i = 0; i < RACERS; i++) {
        (void)pthread_join(racers[i].thread, NULL);
    }
    (void)pthread_barrier_destroy(&start);
}

static int count(const struct racer racers[RACERS], enum cb_code code)
{
    int n = 0;
    for (int i = 0; i < RACERS; i++) {
        n += racers[i].err.code == code;
    }
    return n;
}

static const struct cb_err *surprise(const struct racer racers[RACERS], enum cb_code loser)
{
    for (int i = 0; i < RACERS; i++) {
        if (racers[i].err.code != CB_E_NONE && racers[i].err.code != loser) {
            return &racers[i].err;
        }
    }
    return &racers[0].err;
}

static int64_t generation(struct cb_store *s)
{
    int64_t g = 0;
    struct cb_err err = { 0 };
    check(!CB_FAILED(cb_store_read_registry(s, &(struct cb_registry_reader){ 0 }, &g, &err)), "generation",
          "code", err.code, &err);
    return g;
}

static cb_status migrate(struct cb_store *s, int racer, struct cb_err *err)
{
    return cb_store_migrate(s, racer, err);
}

static void run_race(const struct race *race, struct racer racers[RACERS])
{
    struct cb_err err = { 0 };
    run_all(racers, migrate);
    check(count(racers, CB_E_NONE) == RACERS, race->name, "migrated", count(racers, CB_E_NONE),
          surprise(racers, CB_E_NONE));
    check(CB_FAILED(cb_store_check_schema(racers[0].store, &err)) == false, race->name, "schema", err.code,
          &err);
    if (race->prepare != NULL) {
        check(!CB_FAILED(race->prepare(racers[0].store, &err)), race->name, "prepare", err.code, &err);
    }
    const int64_t before = generation(racers[0].store);
    run_all(racers, race->run);
    const struct cb_err *odd = surprise(racers, race->loser);
    const int winners = count(racers, CB_E_NONE);
    check(winners == race->winners, race->name, "winners", winners, odd);
    if (race->winners < RACERS) {
        const int losers = count(racers, race->loser);
        check(winners + losers == RACERS, race->name, "losers", losers, odd);
    }
    const int64_t moved = generation(racers[0].store) - before;
    check(moved == race->winners - race->silent, race->name, "generation moved by", (long long)moved, odd);
    if (race->after != NULL) {
        check(!CB_FAILED(race->after(racers[0].store, &err)), race->name, "afterwards", err.code, &err);
    }
}

static void in_new_database(const struct race *race)
{
    static struct racer racers[RACERS];
    database_of_test()->make(where, sizeof where);
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){ .number = i };
        struct cb_err err = { 0 };
        check(!CB_FAILED(cb_store_open(where, &racers[i].store, &err)), race->name, "open", err.code, &err);
    }
    run_race(race, racers);
    for (int i = 0; i < RACERS; i++) {
        cb_store_close(racers[i].store);
    }
    database_of_test()->drop();
}

static void one_handle(void)
{
    struct cb_err err = { 0 };
    struct cb_store *s = NULL;
    database_of_test()->make(where, sizeof where);
    check(!CB_FAILED(cb_store_open(where, &s, &err)), "one handle", "open", err.code, &err);
    check(!CB_FAILED(cb_store_migrate(s, 0, &err)), "one handle", "migrate", err.code, &err);
    failures += race_on_one_handle(s);
    cb_store_close(s);
    database_of_test()->drop();
}

int main(void)
{
    for (const struct race *race = races; race->name != NULL; race++) {
        for (int round = 0; round < ROUNDS; round++) {
            in_new_database(race);
        }
    }
    one_handle();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
