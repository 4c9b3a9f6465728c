/* Reads the PROXY protocol header that begins a connection, before TLS does. */
#ifndef CB_PROXY_READER_H
#define CB_PROXY_READER_H

#include <sys/types.h>

/* A cb_tls_before of a struct cb_connection. From a whole header on, the connection is the partner's: its
 * address is logged and counts for the limits. Whatever else came is logged, counted, and ends the
 * connection. */
ssize_t cb_proxy_read(void *connection, int fd);

#endif
