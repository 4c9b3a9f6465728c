/* The thread that ends overdue connections: the HTTP library's own time limit starts anew with every byte
 * that a slow peer drips. */
#ifndef CB_DEADLINES_H
#define CB_DEADLINES_H

#include "http/connections.h"
#include "log/log.h"

struct cb_deadlines;

CB_MUST cb_deadlines_start(struct cb_connections *connections, const char *listener, struct cb_log *log,
                           struct cb_deadlines **out, struct cb_err *err);
void cb_deadlines_stop(struct cb_deadlines *d); /* joins it; NULL is fine */

#endif
