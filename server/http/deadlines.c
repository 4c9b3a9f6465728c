#include "http/deadlines.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "log/throttle.h"

enum { TICK_MS = 200, BATCH = 32 };

struct cb_deadlines {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct cb_connections *connections;
    const char *listener;
    struct cb_log *log;
    struct cb_throttle throttle;
};

static void report(struct cb_deadlines *d, const struct cb_overdue *overdue, int64_t now_ms)
{
    uint64_t held_back = 0;
    if (!cb_throttle_pass(&d->throttle, now_ms / 1000, &held_back)) {
        return;
    }
    char address[CB_ADDRESS_TEXT];
    cb_address_text(&overdue->address, address);
    CB_LOG(d->log, CB_EV_CONNECTION_TIMED_OUT, NULL, CB_F_CSTR("listener", d->listener),
           CB_F_CSTR("address", address), CB_F_CSTR("phase", cb_phase_name(overdue->phase)),
           CB_F_INT("held_back", held_back));
}

static void expire(struct cb_deadlines *d)
{
    struct cb_overdue overdue[BATCH];
    const int64_t now_ms = cb_clock_monotonic_ms();
    size_t n = 0;
    do {
        n = cb_connections_expire(d->connections, now_ms, false, overdue, BATCH);
        for (size_t i = 0; i < n; i++) {
            report(d, &overdue[i], now_ms);
        }
    } while (n == BATCH);
}

static struct timespec next_tick(void)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += TICK_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    return t;
}

static void *run(void *argument)
{
    struct cb_deadlines *d = argument;
    (void)pthread_mutex_lock(&d->lock);
    while (!d->stopping) {
        const struct timespec until = next_tick();
        (void)pthread_cond_timedwait(&d->wake, &d->lock, &until);
        (void)pthread_mutex_unlock(&d->lock);
        expire(d);
        (void)pthread_mutex_lock(&d->lock);
    }
    (void)pthread_mutex_unlock(&d->lock);
    return NULL;
}

cb_status cb_deadlines_start(struct cb_connections *connections, const char *listener, struct cb_log *log,
                             struct cb_deadlines **out, struct cb_err *err)
{
    struct cb_deadlines *d = calloc(1, sizeof *d);
    CB_ENSURE(d != NULL, CB_E_MEMORY, "time limits of a listener");
    *d = (struct cb_deadlines){
        .connections = connections, .listener = listener, .log = log, .throttle = CB_THROTTLE_INIT
    };
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&d->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&d->lock, NULL);
    const int rc = pthread_create(&d->thread, NULL, run, d);
    if (rc != 0) {
        free(d);
        CB_REFUSE(CB_E_LISTEN, "thread: %s", strerrordesc_np(rc));
    }
    (void)pthread_setname_np(d->thread, "deadlines");
    *out = d;
    return CB_OK;
}

void cb_deadlines_stop(struct cb_deadlines *d)
{
    if (d == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&d->lock);
    d->stopping = true;
    (void)pthread_cond_signal(&d->wake);
    (void)pthread_mutex_unlock(&d->lock);
    (void)pthread_join(d->thread, NULL);
    (void)pthread_cond_destroy(&d->wake);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}
