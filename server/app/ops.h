/* The operator's side: liveness, readiness, metrics. */
#ifndef CB_OPS_H
#define CB_OPS_H

#include "oauth/exchange.h"

/* GET /livez: 200 as long as the process answers. */
CB_MUST cb_livez_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                     struct cb_err *err);

/* GET /readyz: 200 when a token request can succeed, 503 when not; lines that say why. A store that went away
 * later is said here, but tokens go on, so it does not make the server unready. */
CB_MUST cb_readyz_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                      struct cb_err *err);

/* GET /metrics: Prometheus text format. Every event of log/events.def is a counter. */
CB_MUST cb_metrics_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                       struct cb_err *err);

#endif
