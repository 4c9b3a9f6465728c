/* The server's own connections: key sets, revocation lists, OCSP, directories, the webhook. One set of rules
 * for all of them: https with a certificate that verifies, public addresses unless the configuration lists
 * others, no redirects, bounds on size and time. Blocks, so only threads that serve no requests call it. */
#ifndef CB_FETCH_H
#define CB_FETCH_H

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

/* Shared by threads. Heap. */
struct cb_fetcher;

/* Copies what it needs of the rules. CB_E_CONFIG, CB_E_MEMORY. */
CB_MUST cb_fetcher_new(const struct cb_config_outbound *rules, struct cb_fetcher **out, struct cb_err *err);

/* What is under way fails within a second, what comes later at once. */
void cb_fetcher_stop(struct cb_fetcher *f);
bool cb_fetcher_is_stopped(const struct cb_fetcher *f);
void cb_fetcher_free(struct cb_fetcher *f); /* NULL is fine; nothing may be under way */

struct cb_fetch {
    const char *url;
    const char *accept;       /* NULL: anything */
    struct cb_str body;       /* p == NULL: GET, otherwise POST */
    const char *content_type; /* of the body */
    const char *extra_header; /* "Name: value"; NULL: none */
    bool is_signed; /* what comes proves itself: plain http is good enough from the hosts listed for it */
};

/* The answer of a 2xx to `out`, which bounds its size (it is reset first). The address that a name resolves
 * to is checked when the connection is made. Details name the host, and nothing behind it.
 * CB_E_FETCH_REFUSED: the rules forbid it, nothing was sent. CB_E_FETCH_TOO_LARGE. CB_E_FETCH_FAILED: name,
 * network, TLS, time limit, a redirect or any other status. */
CB_MUST cb_fetch(struct cb_fetcher *f, const struct cb_fetch *rq, struct cb_buf *out, struct cb_err *err);

#endif
