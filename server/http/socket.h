#ifndef CB_SOCKET_H
#define CB_SOCKET_H

#include "base/err.h"

/* A listening, non-blocking TCP socket on "HOST:PORT" or "[IPv6]:PORT", and its port, which is a free one
 * when PORT is 0. "[::]" serves IPv4 too. CB_E_LISTEN. */
CB_MUST cb_socket_listen(const char *address, int *out_fd, int *out_port, struct cb_err *err);

#endif
