/* The threads that drive the HTTP library.
 *
 * The library's own threads do not know that a handshake waits for its peer: as long as one does, they ask it
 * again and again, and a few peers that fall silent after their first bytes keep all processors busy
 * (0.9.75). Here each thread drives a library instance of its own, sees whether anything moved, and sleeps on
 * the instance's epoll when nothing did. */
#ifndef CB_LOOPS_H
#define CB_LOOPS_H

#include <microhttpd.h>

#include "base/err.h"

struct cb_loops;

/* Makes one instance, for a thread of its own; NULL when the library refuses. */
typedef struct MHD_Daemon *(*cb_daemon_fn)(void *ctx);

CB_MUST cb_loops_start(unsigned threads, cb_daemon_fn make, void *ctx, struct cb_loops **out,
                       struct cb_err *err);

/* From here on who connects is refused; connections that are there go on. The socket stays open and the
 * caller's. */
void cb_loops_quiesce(struct cb_loops *l, int listening_socket);

/* Ends the threads and the instances with all their connections. NULL is fine. */
void cb_loops_stop(struct cb_loops *l);

#endif
