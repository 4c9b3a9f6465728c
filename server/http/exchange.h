/* One connection and the request on it: what the HTTP library calls back with, and the way from its request
 * to its reply. */
#ifndef CB_HTTP_EXCHANGE_H
#define CB_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "http/connections.h"
#include "http/http.h"
#include "http/routes.h"
#include "http/socket.h"
#include "http/tls_peer.h"
#include "log/throttle.h"
#include "partner/peer.h"

struct cb_cert_proxy;
struct cb_loops;
struct cb_proxies;
struct cb_proxy_read;

/* What a proxy's header fields say of the partner. */
struct cb_handed_on {
    struct cb_str leaf, chain; /* p == NULL: absent */
    bool repeated;
    bool believed;
    struct cb_err undecided; /* why it cannot be told at the moment whether to believe it */
};

struct cb_exchange {
    struct cb_request request;
    struct cb_reply reply;
    struct cb_err err;
    struct cb_found found;
    const char *accept; /* for 415 */
    int64_t began_us;
    bool refused;     /* before the body was read: err says why */
    char *body;       /* in the arena */
    size_t body_room; /* of it */
    size_t body_n;
    size_t drained; /* bytes of a body that nobody wants */
    struct cb_handed_on handed_on;
};

struct cb_connection {
    struct cb_connection_entry entry;
    struct cb_listener *listener;
    struct cb_tls_session tls; /* session == NULL on a plain listener */
    struct cb_tls_credentials *credentials;
    struct cb_proxy_read *proxy_read; /* in the arena, until the PROXY header is whole */
    struct cb_peer *peer;
    bool peer_known;       /* peer was taken, or there is none */
    struct cb_arena arena; /* of the request under way; its first chunk stays for the next */
    struct cb_str query;   /* of that request; in the arena */
    struct cb_exchange exchange;
};

struct cb_listener {
    struct cb_listener_options options; /* routes and config are not looked at after the start */
    char name[32];
    bool ask_certificate;
    size_t header_max;
    struct cb_proxies *proxies;       /* NULL: none in front of it */
    struct cb_cert_proxy *cert_proxy; /* NULL: none ends TLS for this listener */
    struct cb_router *router;
    struct cb_connections *connections;
    struct cb_deadlines *deadlines;
    struct cb_tls *tls; /* NULL: plain */
    pthread_mutex_t credentials_lock;
    struct cb_tls_credentials *credentials;
    atomic_bool stopping;
    struct cb_throttle refusals, library, handshakes, proxy_headers, cert_headers;
    struct cb_loops *loops;
    struct cb_socket socket;
};

/* The HTTP library's callbacks; cls is the listener. */
void *cb_exchange_uri(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result cb_exchange_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_size,
                                   void **request);
void cb_exchange_completed(void *cls, struct MHD_Connection *mhd, void **request,
                           enum MHD_RequestTerminationCode why);

/* Counts and logs that somebody was not let in. */
void cb_listener_log_refusal(struct cb_listener *l, const struct in6_addr *from, const char *why);

/* The line in the log that says what was done for whom, or why it was refused: x->err. */
void cb_exchange_log(struct cb_connection *c, const char *method, bool refused, unsigned status);

/* Frees what a request left behind. */
void cb_exchange_reset(struct cb_connection *c);

struct cb_connection *cb_connection_of(struct MHD_Connection *mhd); /* NULL: memory was used up at accept */

#endif
