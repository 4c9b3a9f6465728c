/* GET, PUT and DELETE /register/{client_id}: RFC 7592. */
#ifndef CB_CLIENT_CONFIGURATION_H
#define CB_CLIENT_CONFIGURATION_H

#include "oauth/enrol.h"

CB_MUST cb_client_configuration_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);
CB_MUST cb_client_configuration_put(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);
CB_MUST cb_client_configuration_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                       struct cb_err *err);

#endif
