/* The thread that knows: it gives out jobs, takes what came of them, and publishes views. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cert/status_urls.h"
#include "revocation/asked.h"
#include "revocation/group.h"
#include "revocation/view.h"

enum {
    FILES_MS = 200,       /* between looks at the files: a new list is in force within a second */
    PAUSE_MS = 200,       /* between views, for what is not urgent */
    IDLE_MS = 10 * 1000,  /* nothing is due */
    STALE_MS = 60 * 1000, /* between log lines about one group's grace */
    RESPONDERS_TOLD = 128,
};

struct cb_revocation {
    struct cb_revocation_options o;
    struct cb_desk *desk;
    struct cb_crl_cache *cache; /* NULL: none */
    pthread_t thread;
    atomic_bool stopping;

    pthread_mutex_t lock; /* guards the next three */
    pthread_cond_t settled;
    struct cb_followed_groups *next; /* to be followed from now on; NULL: nothing new */
    bool is_settled; /* every file and copy of the groups followed was tried, and is in a view */

    /* The thread's own. */
    struct cb_followed_groups *groups; /* NULL until the first are followed */
    struct cb_jobs *jobs;              /* NULL until there is something to do */
    struct cb_asked *asked;
    bool changed, urgent;
    int64_t published_ms;
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

/* --- what came of jobs --- */

/* Once, until it is kept again. */
static void say_not_kept(const struct cb_revocation *r, const struct cb_followed *g, struct cb_source *s,
                         const struct cb_job *j)
{
    const bool failed = j->no_copy.code != CB_E_NONE;
    if (failed && !s->copy_failed) {
        CB_LOG(r->o.log, CB_EV_CRL_NOT_KEPT, &j->no_copy, CB_F_CSTR("trust_group", g->name),
               CB_F_CSTR("location", s->location));
    }
    s->copy_failed = failed;
}

static void take_copy(struct cb_revocation *r, struct cb_job *j, int64_t now)
{
    struct cb_followed *g = NULL;
    struct cb_err err = { 0 };
    struct cb_source *s = cb_followed_source(r->groups, j->source, &g);
    if (s == NULL) {
        return;
    }
    if (cb_source_take_copy(s, j, now, &err)) {
        r->changed = true;
        r->urgent = true;
    }
    if (err.code != CB_E_NONE) {
        CB_LOG(r->o.log, CB_EV_CRL_COPY_IGNORED, &err, CB_F_CSTR("trust_group", g->name),
               CB_F_CSTR("location", s->location), CB_F_CSTR("file", s->copy_path));
    }
}

static void take_list(struct cb_revocation *r, struct cb_job *j, int64_t now, int64_t now_ms)
{
    struct cb_followed *g = NULL;
    struct cb_err err = { 0 };
    struct cb_source *s = cb_followed_source(r->groups, j->source, &g);
    if (s == NULL) {
        return;
    }
    if (cb_source_take(s, j, now, now_ms, &err)) {
        r->changed = true;
        r->urgent = true;
    }
    say_not_kept(r, g, s, j);
    if (err.code != CB_E_NONE) {
        CB_LOG(r->o.log, CB_EV_CRL_REFUSED, &err, CB_F_CSTR("trust_group", g->name),
               CB_F_CSTR("location", s->location), CB_F_BOOL("held", s->list != NULL));
    }
}

/* RFC 6960 section 4.2.2.2.1: a delegate that is revoked itself is not believed. */
static void judge_delegate(struct cb_revocation *r, struct cb_job *j, const char *group)
{
    const struct cb_followed *g = cb_followed_named(r->groups, group);
    const struct cb_str serial = { (const char *)j->answer.delegate, j->answer.delegate_n };
    if (j->err.code == CB_E_NONE && serial.n > 0 && g != NULL &&
        cb_followed_has_revoked(g, &j->about.issuer, serial)) {
        cb_err_set(&j->err, CB_E_OCSP_SIGNER, __FILE__, __LINE__,
                   "the responder's own certificate is revoked");
    }
}

static void take_answer(struct cb_revocation *r, struct cb_job *j, int64_t now, int64_t now_ms)
{
    bool urgent = false;
    struct cb_err err = { 0 };
    const char *group = cb_asked_group(r->asked, j);
    judge_delegate(r, j, group);
    if (cb_asked_take(r->asked, j, now, now_ms, &urgent, &err)) {
        r->changed = true;
        r->urgent |= urgent;
    }
    if (err.code != CB_E_NONE) {
        r->changed = true; /* operators see it in the view */
        CB_LOG(r->o.log, CB_EV_OCSP_ANSWER_REFUSED, &err, CB_F_CSTR("trust_group", group),
               CB_F_CSTR("responder", j->location));
    }
}

static void take_results(struct cb_revocation *r)
{
    const int64_t now = cb_clock_unix(), now_ms = cb_clock_monotonic_ms();
    for (struct cb_job *j = cb_jobs_take(r->jobs); j != NULL; j = cb_jobs_take(r->jobs)) {
        if (j->kind == CB_JOB_OCSP) {
            take_answer(r, j, now, now_ms);
        } else if (j->kind == CB_JOB_COPY) {
            take_copy(r, j, now);
        } else {
            take_list(r, j, now, now_ms);
        }
        cb_job_free(j);
    }
}

/* --- what requests asked for --- */

static void want_answer(struct cb_revocation *r, const struct cb_followed *g, const struct cb_ask *ask,
                        const struct cb_cert *leaf)
{
    struct cb_status_urls urls = { .count = 0 };
    if (g->responder != NULL) {
        urls = (struct cb_status_urls){ .urls = { cb_str_of(g->responder) }, .count = 1 };
    } else if (CB_FAILED(cb_cert_ocsp_responders(leaf, &urls, NULL))) {
        return;
    }
    cb_asked_want(r->asked, g->name, ask->path, urls.urls, urls.count, cb_clock_unix());
}

static void want_lists(struct cb_followed *g, const struct cb_cert *leaf)
{
    struct cb_status_urls urls = { .count = 0 };
    if (!g->distribution_points || CB_FAILED(cb_cert_crl_points(leaf, &urls, NULL))) {
        return;
    }
    for (size_t i = 0; i < urls.count; i++) {
        cb_followed_discover(g, urls.urls[i]);
    }
}

static void say_stale(struct cb_revocation *r, struct cb_followed *g)
{
    const int64_t now_ms = cb_clock_monotonic_ms();
    if (g->stale_said_ms == 0 || now_ms - g->stale_said_ms >= STALE_MS) {
        CB_LOG(r->o.log, CB_EV_REVOCATION_STALE, NULL, CB_F_CSTR("trust_group", g->name));
        g->stale_said_ms = now_ms;
    }
}

static void take_ask(struct cb_revocation *r, const struct cb_ask *ask)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_cert leaf = { .der = { 0 } };
    struct cb_followed *g = cb_followed_named(r->groups, ask->group);
    cb_arena_init(&a, 8 * CB_LIMIT_CERTIFICATE);
    if (g == NULL || CB_FAILED(cb_cert_parse(&a, ask->leaf, &leaf, NULL))) {
        return;
    }
    if (ask->stale) {
        say_stale(r, g);
    }
    if (g->by_lists) {
        cb_followed_learn(g, ask->path);
        want_lists(g, &leaf);
    }
    if (g->by_asking) {
        want_answer(r, g, ask, &leaf);
    }
}

static void take_asks(struct cb_revocation *r)
{
    struct cb_ask ask = { .group = NULL };
    while (cb_desk_take(r->desk, &ask)) {
        take_ask(r, &ask);
        cb_ask_done(&ask);
    }
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
    if (r->changed && r->published_ms + PAUSE_MS < next) {
        next = r->published_ms + PAUSE_MS;
    }
    return next - now_ms > IDLE_MS ? IDLE_MS : next > now_ms ? next - now_ms : 1;
}

/* --- views --- */

static bool fill_list(struct cb_revocation_view *v, const struct cb_source *s, struct cb_view_list *l)
{
    l->location = cb_arena_cstr(&v->arena, cb_str_of(s->location));
    l->crl = s->list == NULL ? NULL : cb_crl_ref(s->list);
    l->loaded_at = s->loaded_at;
    l->failure = s->failure;
    l->aside =
        s->aside_count == 0 ? NULL : cb_arena_array(&v->arena, s->aside_count, sizeof(struct cb_crl *));
    for (; l->aside != NULL && l->aside_count < s->aside_count; l->aside_count++) {
        l->aside[l->aside_count] = cb_crl_ref(s->aside[l->aside_count]);
    }
    return l->location != NULL && l->aside_count == s->aside_count;
}

static bool fill_group(struct cb_revocation_view *v, const struct cb_followed *g, struct cb_view_group *out)
{
    *out = (struct cb_view_group){
        .name = cb_arena_cstr(&v->arena, cb_str_of(g->name)),
        .since = g->since,
        .first = v->list_count,
        .count = g->source_count,
    };
    for (size_t i = 0; i < g->source_count; i++) {
        if (!fill_list(v, g->sources[i], &v->lists[v->list_count++])) {
            return false;
        }
    }
    return out->name != NULL;
}

static bool fill(struct cb_revocation_view *v, const struct cb_followed_groups *from, size_t lists)
{
    struct cb_view_group *groups = cb_arena_array(&v->arena, from->count, sizeof *groups);
    v->lists = cb_arena_array(&v->arena, lists, sizeof *v->lists);
    if (groups == NULL || v->lists == NULL) {
        return false;
    }
    v->groups = groups;
    for (size_t i = 0; i < from->count; i++, v->group_count++) {
        if (!fill_group(v, &from->all[i], &groups[i])) {
            return false;
        }
    }
    return true;
}

static bool fill_responders(struct cb_revocation_view *v, const struct cb_revocation_responder *from,
                            size_t count)
{
    v->responders = cb_arena_array(&v->arena, count, sizeof *v->responders);
    if (v->responders == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct cb_revocation_responder *r = &v->responders[v->responder_count++];
        *r = from[i];
        r->group = cb_arena_cstr(&v->arena, cb_str_of(from[i].group));
        r->origin = cb_arena_cstr(&v->arena, cb_str_of(from[i].origin));
        if (r->group == NULL || r->origin == NULL) {
            return false;
        }
    }
    return true;
}

static struct cb_revocation_view *view_of(const struct cb_revocation *r)
{
    size_t lists = 0;
    for (size_t i = 0; i < r->groups->count; i++) {
        lists += r->groups->all[i].source_count;
    }
    struct cb_revocation_responder responders[RESPONDERS_TOLD];
    const size_t responder_count = cb_asked_responders(r->asked, responders, RESPONDERS_TOLD);
    struct cb_answers *answers = cb_asked_answers(r->asked);
    struct cb_revocation_view *v = answers == NULL ? NULL
                                                   : cb_view_new(cb_desk_ref(r->desk), answers,
                                                                 r->groups->count, lists, responder_count);
    if (v != NULL && !(fill(v, r->groups, lists) && fill_responders(v, responders, responder_count))) {
        cb_revocation_view_unref(v);
        return NULL;
    }
    return v;
}

static void say_loaded(const struct cb_revocation *r, const struct cb_followed *g, struct cb_source *s,
                       uint64_t generation)
{
    const struct cb_crl_facts *f = cb_crl_facts(s->list);
    char next[CB_TIME_TEXT];
    cb_time_text(f->next_update, next);
    CB_LOG(r->o.log, CB_EV_CRL_LOADED, NULL, CB_F_CSTR("trust_group", g->name),
           CB_F_CSTR("location", s->location), CB_F_CSTR("number", f->number),
           CB_F_INT("entries", f->entries), CB_F_CSTR("next_update", next),
           CB_F_INT("microseconds", s->microseconds), CB_F_INT("generation", generation));
    s->say_loaded = false;
}

static void say_all_loaded(struct cb_revocation *r, uint64_t generation)
{
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            if (g->sources[k]->say_loaded) {
                say_loaded(r, g, g->sources[k], generation);
            }
        }
    }
}

static void publish(struct cb_revocation *r)
{
    const int64_t now_ms = cb_clock_monotonic_ms();
    if (!r->changed || (!r->urgent && now_ms < r->published_ms + PAUSE_MS)) {
        return;
    }
    struct cb_revocation_view *v = view_of(r);
    if (v == NULL) {
        return; /* memory: again with the next round */
    }
    const uint64_t generation = r->o.owner.publish(r->o.owner.ctx, v);
    r->changed = false;
    r->urgent = false;
    r->published_ms = now_ms;
    say_all_loaded(r, generation);
}

static void say_expired(struct cb_revocation *r)
{
    const int64_t now = cb_clock_unix();
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            struct cb_source *s = g->sources[k];
            struct cb_err err = { 0 };
            if (s->list != NULL && !s->expiry_said && CB_FAILED(cb_crl_check_fresh(s->list, now, &err))) {
                CB_LOG(r->o.log, CB_EV_CRL_EXPIRED, &err, CB_F_CSTR("trust_group", g->name),
                       CB_F_CSTR("location", s->location));
                s->expiry_said = true;
            }
        }
    }
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
    take_asks(r);
    if (start_jobs(r)) {
        take_results(r);
        give_lists(r, cb_clock_monotonic_ms());
        give_questions(r, cb_clock_monotonic_ms());
    }
    publish(r);
    say_expired(r);
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
