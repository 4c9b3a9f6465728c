#include "watch/chores.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { CHORES_MAX = 8 };

struct cb_chores {
    const struct cb_chore *chores;
    size_t count;
    void *ctx;
    int64_t due[CHORES_MAX]; /* monotonic milliseconds */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

static int64_t next_due(const struct cb_chores *j)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < j->count; i++) {
        next = j->due[i] < next ? j->due[i] : next;
    }
    return next;
}

/* False: stop. */
static bool wait_until(struct cb_chores *j, int64_t ms)
{
    const struct timespec until = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    (void)pthread_mutex_lock(&j->lock);
    while (!j->stop && cb_clock_monotonic_ms() < ms) {
        (void)pthread_cond_timedwait(&j->wake, &j->lock, &until);
    }
    const bool stop = j->stop;
    (void)pthread_mutex_unlock(&j->lock);
    return !stop;
}

static void *run(void *p)
{
    struct cb_chores *j = p;
    while (wait_until(j, next_due(j))) {
        for (size_t i = 0; i < j->count; i++) {
            const int64_t now_ms = cb_clock_monotonic_ms();
            if (j->due[i] <= now_ms) {
                j->due[i] = now_ms + j->chores[i].every_ms;
                j->chores[i].run(j->ctx, cb_clock_unix());
            }
        }
    }
    return NULL;
}

cb_status cb_chores_start(const struct cb_chore *chores, size_t count, void *ctx, struct cb_chores **out,
                          struct cb_err *err)
{
    CB_ENSURE(count <= CHORES_MAX, CB_E_INTERNAL, "%zu chores for one thread", count);
    struct cb_chores *j = calloc(1, sizeof *j);
    CB_ENSURE(j != NULL, CB_E_MEMORY, "chores");
    j->chores = chores;
    j->count = count;
    j->ctx = ctx;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&j->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&j->lock, NULL);
    if (pthread_create(&j->thread, NULL, run, j) != 0) {
        free(j);
        CB_REFUSE(CB_E_MEMORY, "could not start a thread for chores");
    }
    *out = j;
    return CB_OK;
}

void cb_chores_stop(struct cb_chores *j)
{
    if (j == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&j->lock);
    j->stop = true;
    (void)pthread_cond_signal(&j->wake);
    (void)pthread_mutex_unlock(&j->lock);
    (void)pthread_join(j->thread, NULL);
    (void)pthread_cond_destroy(&j->wake);
    (void)pthread_mutex_destroy(&j->lock);
    free(j);
}
