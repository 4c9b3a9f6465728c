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

/* A finished JSON text as the reply. CB_E_LIMIT. */
CB_MUST cb_admin_reply(int status, const struct cb_buf *text, struct cb_reply *out, struct cb_err *err);

/* One line of the problem document's "problems". CB_E_MEMORY. */
CB_MUST cb_admin_problem(struct cb_request *rq, const char *field, const char *text, struct cb_err *err);

/* A failure of the store, or of a check, in the words of this API; others stay what they are. */
CB_MUST cb_admin_failed(struct cb_request *rq, const struct cb_err *why, struct cb_err *err);

/* The body as one JSON object: CB_E_ADMIN_BODY. The caller owns it. */
CB_MUST cb_admin_object(struct cb_request *rq, json_t **out, struct cb_err *err);

/* The body as a registration. Members that the API answers with and nobody can set are left unread, others
 * that it does not know are refused by name. *out_enabled stays as it was without a member `enabled`.
 * CB_E_ADMIN_BODY. */
CB_MUST cb_admin_registration(struct cb_request *rq, struct cb_registration *out, bool *out_enabled,
                              struct cb_err *err);

/* If-Match against the revision that is there: CB_E_ADMIN_NO_IF_MATCH, _STALE. "*" is any. */
CB_MUST cb_admin_if_match(const struct cb_request *rq, int64_t revision, struct cb_err *err);

/* The entity tag of a revision, in the arena; NULL: memory. */
const char *cb_admin_etag(struct cb_request *rq, int64_t revision);

/* limit=N of a query, 1 to 200, 50 without one. CB_E_PARAMETER_MALFORMED. */
CB_MUST cb_admin_limit(struct cb_str text, int64_t *out, struct cb_err *err);

#endif
