/* An authorization server's metadata, as a client finds it. Private to server/cli/. */
#ifndef CB_CLI_DISCOVERY_H
#define CB_CLI_DISCOVERY_H

#include "base/arena.h"
#include "base/json_in.h"

/* RFC 8414 section 3: fetches the metadata of the issuer and checks that it is the issuer's own. `ca` as for
 * cb_https_fetch. The caller owns *out. CB_E_UNREACHABLE, CB_E_JSON. */
CB_MUST cb_discover(struct cb_arena *a, const char *issuer, const char *ca, json_t **out, struct cb_err *err);

/* GET that must answer 200. */
CB_MUST cb_https_get(struct cb_arena *a, const char *url, const char *ca, struct cb_str *out_body,
                     struct cb_err *err);

#endif
