/* The proxy that ends TLS in front of a listener: who is believed to be it, and whose requests it passes on.
 * One connection of a proxy carries many partners, so the certificate is the request's and not the
 * connection's.
 */
#ifndef CB_CLIENT_CERT_PROXY_H
#define CB_CLIENT_CERT_PROXY_H

#include "http/exchange.h"

struct cb_cert_proxy;

/* *out stays NULL where the listener has no such proxy. CB_E_CONFIG, CB_E_MEMORY. */
CB_MUST cb_cert_proxy_new(const struct cb_listener_options *o, struct cb_cert_proxy **out,
                          struct cb_err *err);
void cb_cert_proxy_free(struct cb_cert_proxy *p); /* NULL is fine; no request may be under way */

/* Reads what the request's header says of the partner, into the exchange, and decides whether to believe it:
 * from a listed address, on a Unix socket, or under the connection's own certificate of the configured group.
 * From anybody else it is forgotten, counted and logged. */
void cb_cert_proxy_look(struct cb_connection *c, struct MHD_Connection *mhd);

/* The same for a listener without such a proxy: nobody is believed. */
void cb_cert_header_ignore(struct cb_connection *c, struct MHD_Connection *mhd);

/* After cb_cert_proxy_look: rq->peer becomes the partner's certificate, none where none was handed on; the
 * proxy's own never stands for a partner. Where the proxy is not believed, rq->peer stays as it is.
 * CB_E_CERT_HEADER_REPEATED and the codes of cb_cert_header_parse; where it cannot be told now whether to
 * believe it, the reason, such as CB_E_HTTP_NOT_READY. */
CB_MUST cb_cert_proxy_peer(struct cb_connection *c, struct cb_err *err);

#endif
