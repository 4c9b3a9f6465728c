/* A stored client as the command line and the admin API show it. */
#ifndef CB_CLIENT_JSON_H
#define CB_CLIENT_JSON_H

#include "base/json_out.h"
#include "store/store.h"

/* One JSON object, in the words of RFC 7591 and RFC 8705 and our own; no secret is among them. */
void cb_client_json(const struct cb_client_record *r, struct cb_json_out *j);

struct cb_str cb_client_state(const struct cb_client_record *r); /* "enabled", "disabled", "suspended" */

#endif
