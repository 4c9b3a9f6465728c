/* One place where a group's lists come from, and the list that is held from there. The worker's alone. */
#ifndef CB_SOURCE_H
#define CB_SOURCE_H

#include "revocation/jobs.h"

/* What tells that a file was changed or replaced. */
struct cb_file_mark {
    bool exists;
    uint64_t device, inode, size;
    int64_t seconds, nanoseconds;
};

struct cb_source {
    uint64_t id; /* what its jobs name it by: they may outlive it */
    char *location;
    bool is_url;
    bool discovered;      /* a certificate named it, not the configuration */
    struct cb_crl *list;  /* NULL: none is held */
    int64_t loaded_at;    /* Unix seconds */
    enum cb_code failure; /* of the last attempt */

    struct cb_file_mark mark; /* of the file as it was tried last */
    bool tried, under_way, again;
    int64_t next_try_ms; /* monotonic; of a URL */
    unsigned failures;   /* in a row */

    bool say_loaded; /* once the list is in a view */
    int64_t microseconds;
    bool expiry_said;
};

struct cb_source *cb_source_new(const char *location, bool discovered); /* NULL: memory */
void cb_source_free(struct cb_source *s);                               /* NULL is fine */

/* Is it to be read now? A file when it was changed, a URL when its time has come. */
bool cb_source_is_due(struct cb_source *s, int64_t now_ms);

/* A job to read it, without its CAs; NULL: memory. */
struct cb_job *cb_source_job(struct cb_source *s);

/* What came of the job. True when another list is held than before. On a failure *err is what to say of it,
 * or holds nothing because it was said. */
bool cb_source_take(struct cb_source *s, struct cb_job *j, int64_t now, int64_t now_ms, struct cb_err *err);

#endif
