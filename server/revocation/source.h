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

enum { CB_SOURCE_ASIDE = 7 };

/* Of the copy that a restart finds. */
enum cb_source_copy {
    CB_COPY_UNREAD,
    CB_COPY_OF_STRANGER, /* a partner may yet present the CA */
    CB_COPY_READ
};

struct cb_source {
    uint64_t id; /* what its jobs name it by: they may outlive it */
    char *location;
    char *copy_path; /* of a URL: where its list is kept over a restart; NULL: nowhere */
    enum cb_source_copy copy;
    bool copy_failed;      /* it could not be written the last time */
    struct cb_crl *copied; /* the list that stands there; NULL: none, as far as is known */
    bool is_url;
    bool discovered;     /* a certificate named it, not the configuration */
    struct cb_crl *list; /* NULL: none is held */

    /* Lists of other kinds that came from here before: whoever serves another CA's list in the place of one
     * must not make good again whom that one revokes. Nobody is good because of them. */
    struct cb_crl *aside[CB_SOURCE_ASIDE];
    size_t aside_count;

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

/* NULL: memory. A URL's list is kept in the cache, if there is one, for the group of this name. */
struct cb_source *cb_source_new(const char *location, bool discovered, const struct cb_crl_cache *cache,
                                const char *group);
void cb_source_free(struct cb_source *s); /* NULL is fine */

/* Has the copy still to be read, as far as it can be? */
bool cb_source_has_unread_copy(const struct cb_source *s);

/* Is it to be read now? A file when it was changed, a URL when its time has come; the copy first. */
bool cb_source_is_due(struct cb_source *s, int64_t now_ms);

/* A job to read it, without its CAs; NULL: memory. */
struct cb_job *cb_source_job(struct cb_source *s);

/* What came of the job. True when another list is held than before. On a failure *err is what to say of it,
 * or holds nothing because it was said. */
bool cb_source_take(struct cb_source *s, struct cb_job *j, int64_t now, int64_t now_ms, struct cb_err *err);

/* The same of a CB_JOB_COPY. What is wrong with a copy is no failure of the source. */
bool cb_source_take_copy(struct cb_source *s, struct cb_job *j, int64_t now, struct cb_err *err);

#endif
