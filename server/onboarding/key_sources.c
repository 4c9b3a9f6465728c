#include "onboarding/key_sources.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"

enum { SOURCES = 256, RETRY_S = 60, LOOK_S = 5, THREADS = 4 };

enum state { IDLE, WANTED, FETCHING };

struct source {
    char url[CB_LIMIT_URL + 1]; /* "": free */
    enum state state;
    bool followed;
    int64_t refresh_s;       /* of a followed one */
    struct cb_key_set *keys; /* the last good ones */
    int64_t fetched_at;      /* when those came */
    int64_t tried_at;        /* 0: never yet */
    int64_t used_at;
    struct cb_err last; /* why the last try failed; no code: it did not */
};

struct cb_key_sources {
    struct cb_key_fetcher fetcher;
    struct thread {
        struct cb_key_sources *of;
        pthread_t id;
        bool followed_only; /* so that a directory never waits for those whom it vouches for */
    } threads[THREADS];
    size_t started;
    pthread_mutex_t lock;
    pthread_cond_t work;
    bool stop;
    struct source sources[SOURCES];
};

static struct source *find(struct cb_key_sources *s, const char *url)
{
    for (size_t i = 0; i < SOURCES; i++) {
        if (cb_str_is(cb_str_of(s->sources[i].url), url)) {
            return &s->sources[i];
        }
    }
    return NULL;
}

/* A free place, or the one that was not used for the longest time and that nobody waits for. */
static struct source *place_for_new(struct cb_key_sources *s)
{
    struct source *oldest = NULL;
    for (size_t i = 0; i < SOURCES; i++) {
        struct source *at = &s->sources[i];
        if (at->url[0] == '\0') {
            return at;
        }
        if (at->state == IDLE && !at->followed && (oldest == NULL || at->used_at < oldest->used_at)) {
            oldest = at;
        }
    }
    return oldest;
}

static struct source *find_or_add(struct cb_key_sources *s, const char *url, int64_t now)
{
    const struct cb_str text = cb_str_of(url);
    struct source *at = text.n == 0 || text.n > CB_LIMIT_URL ? NULL : find(s, url);
    if (at == NULL && text.n > 0 && text.n <= CB_LIMIT_URL && (at = place_for_new(s)) != NULL) {
        cb_key_set_unref(at->keys);
        *at = (struct source){ .state = IDLE };
        memcpy(at->url, text.p, text.n);
    }
    if (at != NULL) {
        at->used_at = now;
    }
    return at;
}

static void want(struct cb_key_sources *s, struct source *at)
{
    if (at->state == IDLE) {
        at->state = WANTED;
        (void)pthread_cond_broadcast(&s->work); /* one that may not take it may hear it */
    }
}

/* --- the threads --- */

static struct source *next_wanted(struct cb_key_sources *s, bool followed_only)
{
    const int64_t now = s->fetcher.clock();
    for (size_t i = 0; i < SOURCES; i++) {
        struct source *at = &s->sources[i];
        const bool late = at->keys == NULL || now - at->fetched_at >= at->refresh_s;
        if (at->followed && at->state == IDLE && late && now - at->tried_at >= RETRY_S) {
            at->state = WANTED;
        }
    }
    for (size_t i = 0; i < SOURCES; i++) {
        if (s->sources[i].state == WANTED && (s->sources[i].followed || !followed_only)) {
            return &s->sources[i];
        }
    }
    return NULL;
}

static cb_status fetch(const struct cb_key_sources *s, const char *url, struct cb_key_set **out,
                       struct cb_err *err)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_LIMIT_JWK_SET);
    CB_TRY(s->fetcher.fetch(s->fetcher.ctx, url, &text, err));
    return cb_key_set_parse(cb_buf_str(&text), out, err);
}

static void keep(struct cb_key_sources *s, struct source *at, struct cb_key_set *keys,
                 const struct cb_err *why)
{
    at->state = IDLE;
    at->tried_at = s->fetcher.clock();
    at->last = *why;
    if (keys != NULL) {
        cb_key_set_unref(at->keys);
        at->keys = keys;
        at->fetched_at = at->tried_at;
    }
}

static void say(const struct cb_key_sources *s, const char *url, const struct cb_key_set *keys,
                const struct cb_err *why)
{
    if (keys != NULL) {
        CB_LOG(s->fetcher.log, CB_EV_SIGNER_KEYS_FETCHED, NULL, CB_F_CSTR("url", url),
               CB_F_INT("keys", cb_key_set_count(keys)));
    } else {
        CB_LOG(s->fetcher.log, CB_EV_SIGNER_KEYS_FAILED, why, CB_F_CSTR("url", url));
    }
}

/* A place whose state is FETCHING stays what it is, so the URL may be read without the lock. */
static void serve(struct cb_key_sources *s, struct source *at)
{
    struct cb_key_set *keys = NULL;
    struct cb_err why = { 0 };
    at->state = FETCHING;
    (void)pthread_mutex_unlock(&s->lock);
    if (CB_FAILED(fetch(s, at->url, &keys, &why))) {
        keys = NULL;
    }
    say(s, at->url, keys, &why);
    (void)pthread_mutex_lock(&s->lock);
    keep(s, at, keys, &why);
}

static void wait_for_work(struct cb_key_sources *s)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_S;
    (void)pthread_cond_timedwait(&s->work, &s->lock, &until);
}

static void *run(void *p)
{
    const struct thread *t = p;
    struct cb_key_sources *s = t->of;
    (void)pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        struct source *at = next_wanted(s, t->followed_only);
        if (at != NULL) {
            serve(s, at);
        } else {
            wait_for_work(s);
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- for the others --- */

static void sources_free(struct cb_key_sources *s)
{
    for (size_t i = 0; i < SOURCES; i++) {
        cb_key_set_unref(s->sources[i].keys);
    }
    (void)pthread_cond_destroy(&s->work);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool start_threads(struct cb_key_sources *s)
{
    for (; s->started < THREADS; s->started++) {
        struct thread *t = &s->threads[s->started];
        *t = (struct thread){ .of = s, .followed_only = s->started == 0 };
        if (pthread_create(&t->id, NULL, run, t) != 0) {
            return false;
        }
    }
    return true;
}

cb_status cb_key_sources_start(const struct cb_key_fetcher *f, struct cb_key_sources **out,
                               struct cb_err *err)
{
    struct cb_key_sources *s = calloc(1, sizeof *s);
    CB_ENSURE(s != NULL, CB_E_MEMORY, "key sources");
    s->fetcher = *f;
    s->fetcher.clock = f->clock == NULL ? cb_clock_unix : f->clock;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->work, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (!start_threads(s)) {
        cb_key_sources_stop(s);
        CB_REFUSE(CB_E_MEMORY, "could not start a thread that fetches keys");
    }
    *out = s;
    return CB_OK;
}

void cb_key_sources_stop(struct cb_key_sources *s)
{
    if (s == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&s->lock);
    s->stop = true;
    (void)pthread_cond_broadcast(&s->work);
    (void)pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->started; i++) {
        (void)pthread_join(s->threads[i].id, NULL);
    }
    sources_free(s);
}

void cb_key_sources_follow(struct cb_key_sources *s, const char *const *urls, size_t count, int64_t refresh_s)
{
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SOURCES; i++) {
        s->sources[i].followed = false;
    }
    for (size_t i = 0; i < count; i++) {
        struct source *at = find_or_add(s, urls[i], s->fetcher.clock());
        if (at != NULL) {
            at->followed = true;
            at->refresh_s = refresh_s;
        }
    }
    (void)pthread_cond_broadcast(&s->work);
    (void)pthread_mutex_unlock(&s->lock);
}

/* Why there are no keys to give. */
static cb_status refuse(const struct source *at, struct cb_err *err)
{
    CB_ENSURE(at->last.code != CB_E_FETCH_FAILED, CB_E_DCR_KEYS_UNAVAILABLE, "%.200s", at->last.detail);
    CB_ENSURE(cb_code_class(at->last.code) != CB_CLASS_INTERNAL, at->last.code, "%.200s", at->last.detail);
    CB_REFUSE(CB_E_DCR_STATEMENT, "%.200s", at->last.detail);
}

static cb_status get(struct cb_key_sources *s, struct source *at, int64_t refresh_s,
                     const struct cb_signed *of, struct cb_key_set **out, struct cb_err *err)
{
    const int64_t now = s->fetcher.clock();
    const bool tried_lately = at->tried_at != 0 && now - at->tried_at < RETRY_S;
    const bool fresh = at->keys != NULL && now - at->fetched_at < refresh_s;
    const bool known = at->keys != NULL && (of == NULL || cb_signed_has_key(of, at->keys));
    if (!(fresh && known) && !tried_lately) {
        want(s, at);
        CB_REFUSE(CB_E_DCR_KEYS_PENDING, "the keys are being fetched");
    }
    if (at->keys == NULL) {
        return refuse(at, err);
    }
    *out = cb_key_set_ref(at->keys);
    return CB_OK;
}

cb_status cb_key_sources_get(struct cb_key_sources *s, const char *url, int64_t refresh_s,
                             const struct cb_signed *of, struct cb_key_set **out, struct cb_err *err)
{
    (void)pthread_mutex_lock(&s->lock);
    struct source *at = find_or_add(s, url, s->fetcher.clock());
    if (at == NULL) {
        (void)pthread_mutex_unlock(&s->lock);
        CB_REFUSE(CB_E_DCR_KEYS_UNAVAILABLE, "too many key sets are being fetched");
    }
    const cb_status got = get(s, at, refresh_s, of, out, err);
    (void)pthread_mutex_unlock(&s->lock);
    return got;
}
