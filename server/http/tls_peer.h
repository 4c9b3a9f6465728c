/* TLS below the HTTP library: what a session may negotiate, which certificate serves it, and whose
 * certificate came in. GnuTLS stays in tls_peer.c; a GnuTLS session is a void * everywhere else. */
#ifndef CB_TLS_PEER_H
#define CB_TLS_PEER_H

#include <sys/types.h>

#include "http/http.h"

/* One listener's TLS: priorities and the ticket key. A ticket of another listener does not resume here: it
 * might carry no certificate. */
struct cb_tls;

CB_MUST cb_tls_new(bool ask_certificate, struct cb_tls **out, struct cb_err *err);
void cb_tls_free(struct cb_tls *t); /* NULL is fine */

/* What the HTTP library sets up a session with. */
const char *cb_tls_priorities(void);

/* The HTTP library wants a certificate callback at start, but every session gets its own credentials before
 * the handshake: this one, a gnutls_certificate_retrieve_function2, refuses. */
typedef void (*cb_tls_callback)(void);
cb_tls_callback cb_tls_no_certificate(void);

/* One connection's TLS. The memory is the caller's and outlives the session, as do the credentials. */
enum { CB_TLS_HELD = 768 }; /* the record of a reply's header */
/* Takes what comes before TLS off the socket, without waiting. Positive when that is done; else as recv()
 * does, and it is asked again unless that was the end. */
typedef ssize_t (*cb_tls_before)(void *ctx, int fd);

struct cb_tls_session {
    struct cb_tls *tls;
    void *session;
    int fd;
    cb_tls_before before; /* NULL: nothing does, or it has come */
    void *before_ctx;
    bool hold;
    size_t held_n;
    unsigned char held[CB_TLS_HELD];
    bool received_finished, sent_finished; /* both: the handshake came to its end */
};

/* Before the handshake: credentials, tickets, the certificate request. */
CB_MUST cb_tls_session_init(struct cb_tls_session *s, struct cb_tls *t, void *session,
                            const struct cb_tls_credentials *credentials, struct cb_err *err);

/* Before the handshake, too: something else comes first. */
void cb_tls_expect_before(struct cb_tls_session *s, cb_tls_before before, void *ctx);

/* The presented chain, the leaf first, on new and resumed sessions alike; 0 when none was presented. The
 * bytes are the session's. Of a longer chain, the first `max`. */
size_t cb_tls_peer_chain(const struct cb_tls_session *s, struct cb_str *out_ders, size_t max);

/* The next record is the header of a reply whose body follows at once, which the library writes by itself:
 * both go out in one system call. */
void cb_tls_hold(struct cb_tls_session *s);

/* Did the sessions that the calling thread drives only wait for their peers since cb_tls_watch? True when at
 * least one read or write would have blocked and no other moved a byte, a connection or a request. */
void cb_tls_watch(void);
bool cb_tls_stalled(void);
void cb_tls_moved(void); /* something moved that no session saw */

struct cb_tls_credentials *cb_tls_credentials_ref(struct cb_tls_credentials *c);

#endif
