/* Who is believed to be the proxy in front of a listener because of where it connects from. */
#ifndef CB_PROXIES_H
#define CB_PROXIES_H

#include <netinet/in.h>

#include "http/http.h"

struct cb_proxies;

/* *out stays NULL where the listener has no proxy. CB_E_CONFIG, CB_E_MEMORY. */
CB_MUST cb_proxies_new(const struct cb_listener_options *o, struct cb_proxies **out, struct cb_err *err);
void cb_proxies_free(struct cb_proxies *p); /* NULL is fine */

/* Is this one of the listed addresses, or a Unix socket? `proxies` is a struct cb_proxies. */
bool cb_proxies_has(const void *proxies, const struct in6_addr *address);

/* Does the proxy begin each connection with a PROXY protocol header? NULL is fine. */
bool cb_proxies_send_header(const struct cb_proxies *p);

#endif
