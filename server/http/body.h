/* The body of a request: which one its route takes, and collecting it. */
#ifndef CB_HTTP_BODY_H
#define CB_HTTP_BODY_H

#include "http/exchange.h"
#include "http/facts.h"

/* May a body with such a header come to this route? Makes room for it. CB_E_HTTP_BODY_TOO_LARGE,
 * CB_E_HTTP_MEDIA_TYPE; x->accept then says what would do. */
CB_MUST cb_body_expect(struct cb_exchange *x, const struct cb_facts *facts, struct cb_err *err);

/* The next bytes of it, for x->body. Of a request that is refused, or is now, they are dropped; false when so
 * many were that the peer is not listened to any more. */
bool cb_body_take(struct cb_exchange *x, const char *p, size_t n);

#endif
