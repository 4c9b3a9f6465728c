/* The route table, checked once at start, and the look-up of a request in it. */
#ifndef CB_ROUTES_H
#define CB_ROUTES_H

#include "http/http.h"

struct cb_router;

/* Refuses a row that forgot its method, path, endpoint, authentication, body cap or parameters, and two rows
 * for one method and path: CB_E_CONFIG. `routes` stays the caller's and must outlive the router. */
CB_MUST cb_router_new(const struct cb_listener_options *o, struct cb_router **out, struct cb_err *err);
void cb_router_free(struct cb_router *r); /* NULL is fine */

/* The route of a request, exact to the byte. CB_E_HTTP_PATH, CB_E_HTTP_METHOD; for the latter *out_allow is
 * the value of the Allow header. */
CB_MUST cb_router_find(const struct cb_router *r, struct cb_str method, struct cb_str path,
                       const struct cb_route **out, const char **out_allow, struct cb_err *err);

#endif
