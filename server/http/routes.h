/* The route table, checked once at start, and the look-up of a request in it. */
#ifndef CB_ROUTES_H
#define CB_ROUTES_H

#include "http/http.h"

struct cb_router;

/* Refuses a row that forgot its method, path, endpoint, authentication, body cap or parameters, and two rows
 * that the same requests would match alike: CB_E_CONFIG. `routes` stays the caller's and must outlive the
 * router. */
CB_MUST cb_router_new(const struct cb_listener_options *o, struct cb_router **out, struct cb_err *err);
void cb_router_free(struct cb_router *r); /* NULL is fine */

struct cb_found {
    const struct cb_route *route;         /* NULL: none */
    const char *allow;                    /* with CB_E_HTTP_METHOD: the value of the Allow header */
    struct cb_str params[CB_PATH_PARAMS]; /* as sent, escapes and all */
};

/* The route of a request. A segment that a route names is compared to the byte; where two routes match, the
 * one that names more from the left. CB_E_HTTP_PATH, CB_E_HTTP_METHOD. */
CB_MUST cb_router_find(const struct cb_router *r, struct cb_str method, struct cb_str path,
                       struct cb_found *out, struct cb_err *err);

/* A path parameter without its escapes, in the arena where it had any. CB_E_HTTP_PATH: a broken escape, or
 * one of a slash or a control character; not UTF-8. */
CB_MUST cb_path_param(struct cb_arena *a, struct cb_str sent, struct cb_str *out, struct cb_err *err);

#endif
