#include "watch/key_readers.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 8 };

struct job {
    struct job *next;
    bool wished;
    struct cb_str client_id; /* behind the struct */
};

struct queue {
    struct job *first, **last;
};

struct cb_key_readers {
    struct cb_key_reader reader;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t added;
    struct queue wished, others;
    size_t others_left; /* those under way included */
    bool stop;
    size_t started;
    struct thread {
        struct cb_key_readers *pool;
        pthread_t id;
        bool wishes_only;
    } threads[THREADS];
};

cb_status cb_key_readers_new(const struct cb_key_reader *reader, struct cb_key_readers **out,
                             struct cb_err *err)
{
    struct cb_key_readers *r = calloc(1, sizeof *r);
    CB_ENSURE(r != NULL, CB_E_MEMORY, "key readers");
    r->reader = *reader;
    r->wished.last = &r->wished.first;
    r->others.last = &r->others.first;
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_cond_init(&r->added, NULL);
    *out = r;
    return CB_OK;
}

/* --- queues --- */

static void put(struct queue *q, struct job *j)
{
    *q->last = j;
    q->last = &j->next;
}

static struct job *get(struct queue *q)
{
    struct job *j = q->first;
    if (j != NULL) {
        q->first = j->next;
        q->last = q->first == NULL ? &q->first : q->last;
    }
    return j;
}

static void drop(struct queue *q)
{
    for (struct job *j = get(q); j != NULL; j = get(q)) {
        free(j);
    }
}

static struct job *job_of(struct cb_str client_id, bool wished)
{
    struct job *j = malloc(sizeof *j + client_id.n);
    if (j != NULL) {
        char *copy = (char *)(j + 1);
        memcpy(copy, client_id.p, client_id.n);
        *j = (struct job){ .wished = wished, .client_id = { copy, client_id.n } };
    }
    return j;
}

/* --- the threads --- */

static struct job *wait_for_one(struct cb_key_readers *r, bool wishes_only)
{
    struct job *j = NULL;
    (void)pthread_mutex_lock(&r->lock);
    while (!r->stop && j == NULL) {
        j = get(&r->wished);
        if (j == NULL && !wishes_only) {
            j = get(&r->others);
        }
        if (j == NULL) {
            (void)pthread_cond_wait(&r->added, &r->lock);
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    return j;
}

static void done(struct cb_key_readers *r, struct job *j)
{
    (void)pthread_mutex_lock(&r->lock);
    r->others_left -= j->wished ? 0 : 1;
    (void)pthread_mutex_unlock(&r->lock);
    free(j);
}

static void *run(void *argument)
{
    const struct thread *t = argument;
    struct cb_key_readers *r = t->pool;
    for (struct job *j = wait_for_one(r, t->wishes_only); j != NULL; j = wait_for_one(r, t->wishes_only)) {
        r->reader.read(r->reader.ctx, j->client_id, j->wished);
        done(r, j);
    }
    return NULL;
}

/* One that cannot be started is tried again with the next job. The first may not be the one for wishes. */
static void start_threads(struct cb_key_readers *r)
{
    for (; r->started < THREADS; r->started++) {
        struct thread *t = &r->threads[r->started];
        *t = (struct thread){ .pool = r, .wishes_only = r->started == 1 };
        if (pthread_create(&t->id, NULL, run, t) != 0) {
            return;
        }
    }
}

/* --- for the others --- */

void cb_key_readers_stop(struct cb_key_readers *r)
{
    if (r == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&r->lock);
    r->stop = true;
    (void)pthread_cond_broadcast(&r->added);
    (void)pthread_mutex_unlock(&r->lock);
    for (size_t i = 0; i < r->started; i++) {
        (void)pthread_join(r->threads[i].id, NULL);
    }
    drop(&r->wished);
    drop(&r->others);
    (void)pthread_cond_destroy(&r->added);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

void cb_key_readers_add(struct cb_key_readers *r, struct cb_str client_id, bool wished)
{
    struct job *j = job_of(client_id, wished);
    if (j == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&r->lock);
    start_threads(r);
    put(wished ? &r->wished : &r->others, j);
    r->others_left += wished ? 0 : 1;
    (void)pthread_cond_broadcast(&r->added); /* one that is for wishes only may hear it */
    (void)pthread_mutex_unlock(&r->lock);
}

bool cb_key_readers_are_busy(struct cb_key_readers *r)
{
    (void)pthread_mutex_lock(&r->lock);
    const bool busy = r->others_left > 0;
    (void)pthread_mutex_unlock(&r->lock);
    return busy;
}
