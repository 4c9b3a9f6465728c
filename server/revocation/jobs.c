#include "revocation/jobs.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/random.h"

enum { THREADS = 6 };

struct queue {
    struct cb_job *first, **last;
};

struct cb_jobs {
    struct cb_revocation_options o;
    struct cb_desk *desk;
    struct cb_crl_cache *cache;
    pthread_mutex_t lock; /* guards the queues and `stopping` */
    pthread_cond_t given;
    struct queue files, net, done;
    bool stopping;
    size_t threads_started;
    struct thread {
        struct cb_jobs *pool;
        pthread_t id;
        bool files_only; /* so that files never wait for a slow responder */
    } threads[THREADS];
};

struct cb_job *cb_job_new(enum cb_job_kind kind, const char *location)
{
    struct cb_job *j = calloc(1, sizeof *j);
    if (j != NULL) {
        j->kind = kind;
        j->location = strdup(location);
    }
    if (j != NULL && j->location == NULL) {
        free(j);
        return NULL;
    }
    return j;
}

void cb_job_free(struct cb_job *j)
{
    if (j == NULL) {
        return;
    }
    for (size_t i = 0; i < j->ca_count; i++) {
        cb_authority_unref(j->cas[i]);
    }
    free(j->cas);
    cb_authority_unref(j->issuer);
    cb_crl_unref(j->list);
    cb_crl_unref(j->copied);
    free(j->copy_path);
    free(j->location);
    free(j);
}

/* --- queues --- */

static void queue_init(struct queue *q)
{
    *q = (struct queue){ .last = &q->first };
}

static void put(struct queue *q, struct cb_job *j)
{
    j->next = NULL;
    *q->last = j;
    q->last = &j->next;
}

static struct cb_job *get(struct queue *q)
{
    struct cb_job *j = q->first;
    if (j != NULL) {
        q->first = j->next;
        q->last = q->first == NULL ? &q->first : q->last;
    }
    return j;
}

static void drop(struct queue *q)
{
    for (struct cb_job *j = get(q); j != NULL; j = get(q)) {
        cb_job_free(j);
    }
}

/* --- one job --- */

static cb_status read_list(struct cb_job *j, struct cb_str bytes, struct cb_err *err)
{
    struct cb_str *ders = calloc(j->ca_count + 1, sizeof *ders);
    CB_ENSURE(ders != NULL, CB_E_MEMORY, "revocation list");
    for (size_t i = 0; i < j->ca_count; i++) {
        ders[i] = j->cas[i]->der;
    }
    const int64_t began = cb_clock_monotonic_us();
    const cb_status st = cb_crl_read(bytes, ders, j->ca_count, cb_clock_unix(), &j->list, err);
    j->microseconds = cb_clock_monotonic_us() - began;
    free(ders);
    return st;
}

static cb_status read_file(struct cb_job *j, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_str bytes = { 0 };
    cb_arena_init(&a, CB_LIMIT_CRL_FILE + CB_MIB);
    CB_TRY(cb_file_read(&a, j->location, CB_LIMIT_CRL_FILE, &bytes, err));
    return read_list(j, bytes, err);
}

static cb_status read_copy(struct cb_job *j, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_str bytes = { 0 };
    cb_arena_init(&a, CB_LIMIT_CRL_FILE + CB_MIB);
    CB_TRY(cb_crl_cache_get(&a, j->copy_path, &bytes, err));
    return bytes.p == NULL ? CB_OK : read_list(j, bytes, err);
}

/* An older list, or one of another kind, does not take the place of the copy. */
static void keep_copy(struct cb_jobs *p, struct cb_job *j, struct cb_str bytes)
{
    const struct cb_crl *before = j->copied;
    if (j->copy_path == NULL || (before != NULL && (!cb_crl_is_same_kind(j->list, before) ||
                                                    CB_FAILED(cb_crl_check_newer(j->list, before, NULL))))) {
        return;
    }
    const bool known = before != NULL && cb_crl_is_same(j->list, before);
    j->is_copied = !CB_FAILED(cb_crl_cache_put(p->cache, j->copy_path, bytes, known, &j->no_copy));
}

static cb_status read_url(struct cb_jobs *p, struct cb_job *j, struct cb_err *err)
{
    struct cb_buf body CB_AUTO(cb_buf_done);
    cb_buf_init(&body, CB_LIMIT_CRL_FILE);
    CB_TRY(p->o.net.fetch(p->o.net.ctx, j->location, (struct cb_str){ 0 }, NULL, &body, err));
    CB_TRY(read_list(j, cb_buf_str(&body), err));
    keep_copy(p, j, cb_buf_str(&body));
    return CB_OK;
}

static cb_status ask_responder(struct cb_jobs *p, struct cb_job *j, struct cb_err *err)
{
    const struct cb_ocsp_subject s = {
        .serial = { (const char *)j->about.serial, j->about.serial_n },
        .issuer = j->issuer->der,
    };
    uint8_t nonce[CB_OCSP_NONCE];
    struct cb_buf request CB_AUTO(cb_buf_done), response CB_AUTO(cb_buf_done);
    cb_buf_init(&request, 4 * CB_KIB);
    cb_buf_init(&response, CB_LIMIT_OCSP_RESPONSE);
    CB_TRY(cb_random(nonce, sizeof nonce, err));
    CB_TRY(cb_ocsp_request(&s, j->hash, nonce, &request, err));
    CB_TRY(p->o.net.fetch(p->o.net.ctx, j->location, cb_buf_str(&request), "application/ocsp-request",
                          &response, err));
    return cb_ocsp_read(cb_buf_str(&response), &s, nonce, cb_clock_unix(), &j->answer, err);
}

static void work(struct cb_jobs *p, struct cb_job *j)
{
    cb_status st = CB_FAIL;
    switch (j->kind) {
        case CB_JOB_FILE:
            st = read_file(j, &j->err);
            break;
        case CB_JOB_URL:
            st = read_url(p, j, &j->err);
            break;
        case CB_JOB_COPY:
            st = read_copy(j, &j->err);
            break;
        case CB_JOB_OCSP:
            st = ask_responder(p, j, &j->err);
            break;
    }
    if (CB_FAILED(st) && j->err.code == CB_E_NONE) {
        j->err.code = CB_E_INTERNAL;
    }
}

/* --- the threads --- */

static struct cb_job *wait_for_one(struct cb_jobs *p, bool files_only)
{
    struct cb_job *j = NULL;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->stopping && j == NULL) {
        j = get(&p->files);
        if (j == NULL && !files_only) {
            j = get(&p->net);
        }
        if (j == NULL) {
            (void)pthread_cond_wait(&p->given, &p->lock);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return j;
}

static void *run(void *argument)
{
    const struct thread *t = argument;
    struct cb_jobs *p = t->pool;
    for (struct cb_job *j = wait_for_one(p, t->files_only); j != NULL; j = wait_for_one(p, t->files_only)) {
        work(p, j);
        (void)pthread_mutex_lock(&p->lock);
        put(&p->done, j);
        (void)pthread_mutex_unlock(&p->lock);
        cb_desk_wake(p->desk);
    }
    return NULL;
}

cb_status cb_jobs_start(const struct cb_revocation_options *o, struct cb_desk *desk,
                        struct cb_crl_cache *cache, struct cb_jobs **out, struct cb_err *err)
{
    struct cb_jobs *p = calloc(1, sizeof *p);
    CB_ENSURE(p != NULL, CB_E_MEMORY, "revocation threads");
    p->o = *o;
    p->desk = cb_desk_ref(desk);
    p->cache = cache;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->given, NULL);
    queue_init(&p->files);
    queue_init(&p->net);
    queue_init(&p->done);
    for (size_t i = 0; i < THREADS; i++) {
        p->threads[i] = (struct thread){ .pool = p, .files_only = i == 0 };
        if (pthread_create(&p->threads[i].id, NULL, run, &p->threads[i]) != 0) {
            cb_jobs_stop(p);
            CB_REFUSE(CB_E_MEMORY, "could not start a revocation thread");
        }
        p->threads_started++;
    }
    *out = p;
    return CB_OK;
}

void cb_jobs_give(struct cb_jobs *p, struct cb_job *j)
{
    (void)pthread_mutex_lock(&p->lock);
    put(j->kind == CB_JOB_FILE || j->kind == CB_JOB_COPY ? &p->files : &p->net, j);
    (void)pthread_cond_broadcast(&p->given); /* one that is for files only may hear it */
    (void)pthread_mutex_unlock(&p->lock);
}

struct cb_job *cb_jobs_take(struct cb_jobs *p)
{
    (void)pthread_mutex_lock(&p->lock);
    struct cb_job *j = get(&p->done);
    (void)pthread_mutex_unlock(&p->lock);
    return j;
}

void cb_jobs_stop(struct cb_jobs *p)
{
    if (p == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&p->lock);
    p->stopping = true;
    (void)pthread_cond_broadcast(&p->given);
    (void)pthread_mutex_unlock(&p->lock);
    p->o.net.stop(p->o.net.ctx);
    for (size_t i = 0; i < p->threads_started; i++) {
        (void)pthread_join(p->threads[i].id, NULL);
    }
    drop(&p->files);
    drop(&p->net);
    drop(&p->done);
    (void)pthread_cond_destroy(&p->given);
    (void)pthread_mutex_destroy(&p->lock);
    cb_desk_unref(p->desk);
    free(p);
}
