/* Connections come and go while the overdue are ended: no descriptor is shut down that is already somebody
 * else's, the count is exact, and the limit holds over all threads. */
#include "http/connections.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum { THREADS = 8, ROUNDS = 2000, MOST = 6 };

static struct cb_connections *all;
static atomic_int inside, refused, ended;
static atomic_bool over;

static void demand(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "%s\n", what);
        abort();
    }
}

/* A fresh pair that was never counted in must pass bytes: had a late shutdown() hit its number, it would not.
 */
static void use_fresh_pair(void)
{
    int pair[2];
    char byte = 'x';
    demand(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    demand(write(pair[0], &byte, 1) == 1 && read(pair[1], &byte, 1) == 1,
           "a foreign descriptor was shut down");
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void one_connection(unsigned *random)
{
    struct cb_connection_entry entry = { 0 };
    const struct in6_addr from = { .s6_addr = {
                                       [10] = 0xff, [11] = 0xff, [15] = (uint8_t)(rand_r(random) % 4) } };
    int pair[2];
    demand(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    if (cb_connections_add(all, &entry, pair[0], &from) == NULL) {
        demand(atomic_fetch_add(&inside, 1) < MOST, "more than the limit");
        for (int phase = CB_PHASE_IDLE; phase < CB_PHASE_ENDED; phase++) {
            cb_connection_enter(all, &entry, (enum cb_phase)phase);
            if (rand_r(random) % 8 == 0) {
                (void)sched_yield();
            }
        }
        atomic_fetch_sub(&inside, 1);
    } else {
        atomic_fetch_add(&refused, 1);
    }
    cb_connections_remove(all, &entry);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void *come_and_go(void *seed)
{
    unsigned random = *(const unsigned *)seed;
    for (int i = 0; i < ROUNDS; i++) {
        one_connection(&random);
        use_fresh_pair();
    }
    return NULL;
}

static void *end_the_overdue(void *unused)
{
    struct cb_overdue overdue[4];
    while (!atomic_load(&over)) {
        atomic_fetch_add(&ended, (int)cb_connections_expire(all, cb_clock_monotonic_ms(), true, overdue, 4));
        (void)cb_connections_count(all);
    }
    return unused;
}

int main(void)
{
    const struct cb_connection_limits limits = { .max = MOST,
                                                 .max_per_address = 4 }; /* every phase is overdue */
    struct cb_err err = { 0 };
    demand(!CB_FAILED(cb_connections_new(&limits, &all, &err)), err.detail);
    pthread_t reaper;
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];
    demand(pthread_create(&reaper, NULL, end_the_overdue, NULL) == 0, "pthread_create");
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        demand(pthread_create(&threads[i], NULL, come_and_go, &seeds[i]) == 0, "pthread_create");
    }
    for (unsigned i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    atomic_store(&over, true);
    (void)pthread_join(reaper, NULL);
    demand(cb_connections_count(all) == 0, "the count is off");
    demand(atomic_load(&ended) > 0, "nothing was overdue");
    cb_connections_free(all);
    (void)printf("%d ended, %d refused\n", atomic_load(&ended), atomic_load(&refused));
    return 0;
}
