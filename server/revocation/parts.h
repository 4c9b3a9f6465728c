/* The inside of the worker, for its own files in server/revocation/ alone. All run in its thread. */
#ifndef CB_REVOCATION_PARTS_H
#define CB_REVOCATION_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "revocation/asked.h"
#include "revocation/group.h"
#include "revocation/view.h"

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

/* results.c: what came of jobs. */
void cb_worker_take_results(struct cb_revocation *r);

/* wanted.c: what requests asked for. */
void cb_worker_take_asks(struct cb_revocation *r);

/* publish.c: a view of what is held now, where it changed, at once or soon; and what its operators read. */
enum { CB_WORKER_PAUSE_MS = 200 }; /* between views, for what is not urgent */
void cb_worker_publish(struct cb_revocation *r);
void cb_worker_say_expired(struct cb_revocation *r);

#endif
