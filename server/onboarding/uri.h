/* The URLs that a registration names: their shape alone, RFC 3986. */
#ifndef CB_URI_H
#define CB_URI_H

#include "base/str.h"

/* An absolute https URL of at most CB_LIMIT_URL visible ASCII characters, with a host, without user info or
 * fragment; in lower case where it matters: the scheme. */
bool cb_uri_is_https(struct cb_str uri);

/* Does such a URL name this very machine: localhost, 127.0.0.0/8, ::1? */
bool cb_uri_is_local(struct cb_str uri);

/* A page for people: http or https. */
bool cb_uri_is_page(struct cb_str uri);

#endif
