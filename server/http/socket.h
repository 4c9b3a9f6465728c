/* What a listener listens on: TCP, or a Unix socket. */
#ifndef CB_SOCKET_H
#define CB_SOCKET_H

#include <sys/types.h>

#include "base/err.h"
#include "base/limits.h"

struct cb_socket {
    int fd;                          /* -1: none */
    int port;                        /* 0: a Unix socket */
    char path[CB_LIMIT_SOCKET_PATH]; /* of a Unix socket, else empty */
    dev_t device;
    ino_t inode;
};

/* A listening, non-blocking socket on "HOST:PORT", "[IPv6]:PORT" or "unix:/PATH". Port 0 takes a free one,
 * "[::]" serves IPv4 too. A Unix socket is for owner and group (0660); a file that a dead server left behind
 * is replaced, one that somebody listens on is not. CB_E_LISTEN. */
CB_MUST cb_socket_listen(const char *address, struct cb_socket *out, struct cb_err *err);

/* Removes the file of a Unix socket, unless another has taken its place. */
void cb_socket_close(struct cb_socket *s);

/* The part for Unix sockets, in a file of its own. */
CB_MUST cb_socket_listen_unix(const char *path, struct cb_socket *out, struct cb_err *err);

enum { CB_SOCKET_BACKLOG = 1024 };

#endif
