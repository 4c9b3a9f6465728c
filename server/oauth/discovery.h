/* The endpoints that hand out what the server says of itself: the documents of the snapshot. */
#ifndef CB_DISCOVERY_H
#define CB_DISCOVERY_H

#include "oauth/exchange.h"

/* GET /.well-known/oauth-authorization-server and /.well-known/openid-configuration: one document for both.
 */
CB_MUST cb_metadata_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                        struct cb_err *err);

/* GET /jwks */
CB_MUST cb_jwks_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                    struct cb_err *err);

#endif
