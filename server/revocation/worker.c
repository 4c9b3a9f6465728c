/* The thread that knows: it gives out jobs, takes what came of them, and publishes views. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "revocation/parts.h"

enum {
    FILES_MS = 200,      /* between looks at the files: a new list is in force within a second */
    IDLE_MS = 10 * 1000, /* nothing is due */
};

/* --- groups that are followed from now on --- */

static void adopt(struct cb_revocation *r)
{
    (void)pthread_mutex_lock(&r->lock);
    struct cb_followed_groups *next = CB_TAKE(r->next);
    (void)pthread_mutex_unlock(&r->lock);
    if (next == NULL) {
        return;
    }
    if (r->groups != NULL) {
        cb_followed_take_over(next, r->groups);
        cb_followed_free(r->groups);
    }
    r->groups = next;
    r->changed = true;
    r->urgent = true;
}

static void settle(struct cb_revocation *r)
{
    if (r->changed) {
        return; /* no view shows it yet */
    }
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            const struct cb_source *s = g->sources[k];
            if (s->is_url ? cb_source_has_unread_copy(s) : !s->tried) {
                return;
            }
        }
    }
    (void)pthread_mutex_lock(&r->lock);
    if (r->next == NULL && !r->is_settled) {
        r->is_settled = true;
        (void)pthread_cond_broadcast(&r->settled);
    }
    (void)pthread_mutex_unlock(&r->lock);
}

/* --- giving out jobs --- */

/* False: without memory it is tried again later. */
static bool give_list(struct cb_revocation *r, const struct cb_followed *g, struct cb_source *s)
{
    struct cb_job *j = cb_source_job(s);
    if (j == NULL || !cb_followed_give_cas(g, j)) {
        s->under_way = false;
        s->again = true;
        cb_job_free(j);
        return false;
    }
    cb_jobs_give(r->jobs, j);
    return true;
}

static void give_lists(struct cb_revocation *r, int64_t now_ms)
{
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            if (cb_source_is_due(g->sources[k], now_ms) && !give_list(r, g, g->sources[k])) {
                return;
            }
        }
    }
}

static void give_questions(struct cb_revocation *r, int64_t now_ms)
{
    for (struct cb_job *j = cb_asked_next(r->asked, now_ms); j != NULL; j = cb_asked_next(r->asked, now_ms)) {
        cb_jobs_give(r->jobs, j);
    }
}

/* When something is due again by time alone. */
static int64_t next_ms(const struct cb_revocation *r, int64_t now_ms)
{
    int64_t next = cb_asked_next_ms(r->asked);
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            const struct cb_source *s = g->sources[k];
            const int64_t at = s->is_url ? s->next_try_ms : now_ms + FILES_MS;
            next = !s->under_way && at < next ? at : next;
        }
    }
    if (r->changed && r->published_ms + CB_WORKER_PAUSE_MS < next) {
        next = r->published_ms + CB_WORKER_PAUSE_MS;
    }
    return next - now_ms > IDLE_MS ? IDLE_MS : next > now_ms ? next - now_ms : 1;
}

/* --- the thread --- */

/* The threads are started when there is a group to follow. */
static bool start_jobs(struct cb_revocation *r)
{
    return r->jobs != NULL ||
           (r->groups->count > 0 && !CB_FAILED(cb_jobs_start(&r->o, r->desk, r->cache, &r->jobs, NULL)));
}

/* Says in how many milliseconds the next one is due. */
static int64_t round_of_work(struct cb_revocation *r)
{
    adopt(r);
    if (r->groups == NULL) {
        return IDLE_MS;
    }
    cb_worker_take_asks(r);
    if (start_jobs(r)) {
        cb_worker_take_results(r);
        give_lists(r, cb_clock_monotonic_ms());
        give_questions(r, cb_clock_monotonic_ms());
    }
    cb_worker_publish(r);
    cb_worker_say_expired(r);
    settle(r);
    return next_ms(r, cb_clock_monotonic_ms());
}

static void *run(void *p)
{
    struct cb_revocation *r = p;
    while (!atomic_load(&r->stopping)) {
        cb_desk_wait(r->desk, round_of_work(r));
    }
    return NULL;
}

/* --- starting, following, stopping --- */

static void destroy(struct cb_revocation *r)
{
    cb_followed_free(r->next);
    cb_followed_free(r->groups);
    cb_asked_free(r->asked);
    cb_desk_unref(r->desk);
    cb_crl_cache_close(r->cache);
    (void)pthread_cond_destroy(&r->settled);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

static void init_locks(struct cb_revocation *r)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_cond_init(&r->settled, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

static cb_status open_cache(const char *folder, struct cb_crl_cache **out, struct cb_err *err)
{
    return folder == NULL ? CB_OK : cb_crl_cache_open(folder, CB_LIMIT_CRL_CACHE, cb_clock_unix(), out, err);
}

cb_status cb_revocation_start(const struct cb_revocation_options *o, struct cb_revocation **out,
                              struct cb_err *err)
{
    struct cb_crl_cache *cache = NULL;
    CB_TRY(open_cache(o->cache_folder, &cache, err));
    struct cb_revocation *r = calloc(1, sizeof *r);
    if (r == NULL) {
        cb_crl_cache_close(cache);
        CB_REFUSE(CB_E_MEMORY, "revocation");
    }
    r->o = *o;
    r->o.cache_folder = NULL; /* the caller's, until here */
    r->cache = cache;
    r->desk = cb_desk_new();
    r->asked = cb_asked_new();
    atomic_init(&r->stopping, false);
    init_locks(r);
    if (r->desk == NULL || r->asked == NULL || pthread_create(&r->thread, NULL, run, r) != 0) {
        destroy(r);
        CB_REFUSE(CB_E_MEMORY, "could not start the revocation thread");
    }
    *out = r;
    return CB_OK;
}

static void wait_until_settled(struct cb_revocation *r)
{
    struct timespec until = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CB_REVOCATION_WAIT_MS / 1000;
    int rc = 0;
    while (!r->is_settled && rc == 0) {
        rc = pthread_cond_timedwait(&r->settled, &r->lock, &until);
    }
}

cb_status cb_revocation_follow(struct cb_revocation *r, const struct cb_config *config,
                               struct cb_trust_groups *trust, struct cb_err *err)
{
    struct cb_followed_groups *next = NULL;
    CB_TRY(cb_followed_new(config, trust, r->cache, cb_clock_unix(), &next, err));
    (void)pthread_mutex_lock(&r->lock);
    cb_followed_free(r->next);
    r->next = next;
    r->is_settled = false;
    (void)pthread_mutex_unlock(&r->lock);
    cb_desk_wake(r->desk);
    (void)pthread_mutex_lock(&r->lock);
    wait_until_settled(r);
    (void)pthread_mutex_unlock(&r->lock);
    return CB_OK;
}

void cb_revocation_stop(struct cb_revocation *r)
{
    if (r == NULL) {
        return;
    }
    atomic_store(&r->stopping, true);
    cb_desk_close(r->desk);
    cb_desk_wake(r->desk);
    (void)pthread_join(r->thread, NULL);
    cb_jobs_stop(r->jobs);
    destroy(r);
}
