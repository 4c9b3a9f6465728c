/* What the endpoints of the admin API share. Private to server/admin/. */
#ifndef CB_ADMIN_PARTS_H
#define CB_ADMIN_PARTS_H

#include "admin/admin.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "oauth/snapshot.h"
#include "partner/registration.h"

/* Text of a reply: as much as it takes, freed with the request. NULL: memory. */
struct cb_buf *cb_admin_text(struct cb_request *rq);

/* Memory beside the request's, for what may be more than fits into that; freed with it. NULL: memory. */
struct cb_arena *cb_admin_arena(struct cb_request *rq);

/* A finished JSON text as the reply. CB_E_LIMIT. */
CB_MUST cb_admin_reply(int status, const struct cb_buf *text, struct cb_reply *out, struct cb_err *err);

/* One line of the problem document's "problems". CB_E_MEMORY. */
CB_MUST cb_admin_problem(struct cb_request *rq, const char *field, const char *text, struct cb_err *err);

/* A failure of the store, or of a check, in the words of this API; others stay what they are. */
CB_MUST cb_admin_failed(struct cb_request *rq, const struct cb_err *why, struct cb_err *err);

/* The body as one JSON object: CB_E_ADMIN_BODY. The caller owns it. */
CB_MUST cb_admin_object(struct cb_request *rq, json_t **out, struct cb_err *err);

/* One line of the problem document, and the end: CB_E_ADMIN_BODY. */
CB_MUST cb_admin_refuse(struct cb_request *rq, const char *field, const char *text, struct cb_err *err);

/* Of a parameter of the query: CB_E_PARAMETER_MALFORMED where it is not good, and the line says what it must
 * be.
 */
CB_MUST cb_admin_parameter(struct cb_request *rq, bool good, const char *name, const char *text,
                           struct cb_err *err);

/* A member that is a string, and the struct cb_str of the caller's struct that gets it, copied. */
struct cb_admin_member {
    const char *name;
    size_t offset;
};

/* The body as an object of such members. Absent ones stay as they are; *out_known: there were no others.
 * CB_E_ADMIN_BODY. */
CB_MUST cb_admin_members(struct cb_request *rq, const struct cb_admin_member *members, size_t count,
                         void *out, bool *out_known, struct cb_err *err);

/* The body as a registration. Members that the API answers with and nobody can set are left unread, others
 * that it does not know are refused by name. *out_enabled stays as it was without a member `enabled`.
 * CB_E_ADMIN_BODY. */
CB_MUST cb_admin_registration(struct cb_request *rq, struct cb_registration *out, bool *out_enabled,
                              struct cb_err *err);

/* What the log line says was changed: "clients/acme", its path behind /admin/v1/. CB_E_MEMORY. */
CB_MUST cb_admin_about(struct cb_request *rq, const char *collection, struct cb_str name, struct cb_err *err);

/* Location of what cb_admin_about named: its characters need no escape. CB_E_MEMORY. */
CB_MUST cb_admin_location(struct cb_request *rq, struct cb_reply *out, struct cb_err *err);

/* If-Match, one entity tag or several, against the revision that is there: CB_E_ADMIN_NO_IF_MATCH, _STALE.
 * "*" is any; weak ones match nothing (RFC 9110 section 13.1.1). */
CB_MUST cb_admin_if_match(struct cb_request *rq, int64_t revision, struct cb_err *err);

/* The entity tag of a revision, in the arena; NULL: memory. */
const char *cb_admin_etag(struct cb_request *rq, int64_t revision);

/* --- pages --- */

/* {"NAME": [...], "after": ...}: a page of a list that is under way. One row more than it holds is asked for,
 * so that it is known whether another page follows. */
struct cb_admin_page {
    struct cb_request *rq;
    struct cb_json_out json;
    struct cb_buf *text;
    int64_t limit; /* rows to ask for */
    int64_t count; /* in the page so far */
    bool more;
};

/* limit=N of a query, 1 to 200, 50 without one. CB_E_PARAMETER_MALFORMED. */
CB_MUST cb_admin_page_begin(struct cb_request *rq, const char *name, struct cb_str limit,
                            struct cb_admin_page *out, struct cb_err *err);

/* Is there room for this row? The last one that is asked for only tells that there are more. */
bool cb_admin_page_takes(struct cb_admin_page *p);

/* `after`: where the next page begins, told if there is one. */
CB_MUST cb_admin_page_end(struct cb_admin_page *p, struct cb_str after, struct cb_reply *out,
                          struct cb_err *err);

/* A decimal number that is not negative; false: it is none. */
bool cb_admin_number(struct cb_str text, int64_t *out);

/* The SHA-256 that 43 characters of base64url stand for; false: they are none. */
bool cb_admin_digest(struct cb_str text, struct cb_x5t *out);

#endif
