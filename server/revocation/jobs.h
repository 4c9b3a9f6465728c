/* What takes long, done by threads beside the worker: reading a list from a file or a URL, or the copy that
 * was kept of one, asking a responder. */
#ifndef CB_JOBS_H
#define CB_JOBS_H

#include "cert/ocsp.h"
#include "revocation/answers.h"
#include "revocation/cache.h"
#include "revocation/desk.h"
#include "revocation/revocation.h"

enum cb_job_kind { CB_JOB_FILE, CB_JOB_URL, CB_JOB_COPY, CB_JOB_OCSP };

struct cb_job {
    enum cb_job_kind kind;
    char *location; /* path or URL */

    /* A list: who may have signed it. */
    uint64_t source; /* whose it is */
    struct cb_authority **cas;
    size_t ca_count;
    char *copy_path;       /* where the list of a URL is kept; NULL: nowhere */
    struct cb_crl *copied; /* the one that stands there; NULL: none */

    /* A question: whom it is about. */
    struct cb_authority *issuer;
    struct cb_answer_key about;
    enum cb_ocsp_hash hash;

    /* What came of it. */
    struct cb_err err;     /* CB_E_NONE: it went well */
    struct cb_crl *list;   /* NULL also: there is no copy */
    bool is_copied;        /* it stands at copy_path now */
    struct cb_err no_copy; /* why it should and does not; CB_E_NONE: nothing is wrong */
    struct cb_ocsp_answer answer;
    int64_t microseconds; /* of reading, the transfer left out */

    struct cb_job *next;
};

/* A copy of the location; NULL: memory. */
struct cb_job *cb_job_new(enum cb_job_kind kind, const char *location);
void cb_job_free(struct cb_job *j); /* NULL is fine */

struct cb_jobs;

/* Starts the threads. They wake the desk when something is done. The cache outlives them; NULL: none.
 * CB_E_MEMORY. */
CB_MUST cb_jobs_start(const struct cb_revocation_options *o, struct cb_desk *desk, struct cb_crl_cache *cache,
                      struct cb_jobs **out, struct cb_err *err);

/* Takes over the job. Files never wait for the network. */
void cb_jobs_give(struct cb_jobs *p, struct cb_job *j);

/* One that is done, to be freed by the caller; NULL: none is. */
struct cb_job *cb_jobs_take(struct cb_jobs *p);

void cb_jobs_stop(struct cb_jobs *p); /* NULL is fine; what is under way is ended and dropped */

#endif
