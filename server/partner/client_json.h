/* A stored client, and the certificates it was seen with, as the command line and the admin API show them. */
#ifndef CB_CLIENT_JSON_H
#define CB_CLIENT_JSON_H

#include "base/json_out.h"
#include "store/store.h"

/* One JSON object, in the words of RFC 7591 and RFC 8705 and our own; no secret is among them. */
void cb_client_json(const struct cb_client_record *r, struct cb_json_out *j);

struct cb_str cb_client_state(const struct cb_client_record *r); /* "enabled", "disabled", "suspended" */

/* "current"; "replaced": the client was seen with one that ends later; "replaced_in_use": and with this one
 * afterwards all the same, within a day: somebody has forgotten a machine; "expired"; "revoked" by the
 * operator; "not_seen": registered, and never used yet. */
const char *cb_seen_state(const struct cb_seen_certificate *c, bool revoked, int64_t now);

/* One JSON object. */
void cb_seen_json(const struct cb_seen_certificate *c, bool revoked, int64_t now, struct cb_json_out *j);

#endif
