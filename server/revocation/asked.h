/* The certificates that responders are asked about, and the responders. The worker's alone. */
#ifndef CB_ASKED_H
#define CB_ASKED_H

#include "revocation/jobs.h"

struct cb_asked;
struct cb_asked *cb_asked_new(void);    /* NULL: memory */
void cb_asked_free(struct cb_asked *a); /* NULL is fine */

/* Somebody wants a fresh word on the leaf of this path. `urls`: where it may be asked for. Nothing happens
 * when one is held that is young enough, or when there is no room: CB_LIMIT_OCSP_ANSWERS. */
void cb_asked_want(struct cb_asked *a, const char *group, const struct cb_trust_path *path,
                   const struct cb_str *urls, size_t url_count, int64_t now);

/* The next question whose time has come, as a job; NULL: there is none. Call until it is. */
struct cb_job *cb_asked_next(struct cb_asked *a, int64_t now_ms);

/* When cb_asked_next would have one, if nothing else happens: monotonic; INT64_MAX: never. */
int64_t cb_asked_next_ms(const struct cb_asked *a);

/* Which group's certificate the job asks about: borrowed; "" when nobody wants to know any more. */
const char *cb_asked_group(const struct cb_asked *a, const struct cb_job *j);

/* What came of the job. True when the table of answers changed; *out_urgent: one that was good is no longer.
 * On a failure *err is what to say of the responder, or holds nothing because it was said. */
bool cb_asked_take(struct cb_asked *a, struct cb_job *j, int64_t now, int64_t now_ms, bool *out_urgent,
                   struct cb_err *err);

/* What is known of each responder, for each group that asks it: at most `room`. The strings are borrowed. */
size_t cb_asked_responders(const struct cb_asked *a, struct cb_revocation_responder *out, size_t room);

/* A table of all answers. NULL: memory. */
struct cb_answers *cb_asked_answers(const struct cb_asked *a);

#endif
