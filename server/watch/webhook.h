/* Tells somebody by HTTPS, until it is heard. */
#ifndef CB_WEBHOOK_H
#define CB_WEBHOOK_H

#include "base/buf.h"
#include "fetch/fetch.h"
#include "log/log.h"
#include "oauth/snapshot.h"

/* Bounded: when this many events wait, the oldest is given up, and the log says so. All certificates of ten
 * thousand partners may near their end in one week. Thread-safe. Heap. */
enum { CB_WEBHOOK_QUEUE = 16384 };
struct cb_webhook;
struct cb_webhook *cb_webhook_new(struct cb_log *log); /* NULL: memory */
void cb_webhook_free(struct cb_webhook *h);

/* A JSON object to deliver; copied. */
void cb_webhook_add(struct cb_webhook *h, struct cb_str body, int64_t now);

/* Posts what is due to the URL of the configuration, with a header field Certbound-Signature: a JWS with
 * detached content (RFC 7515 appendix F) of type certbound-event+jws by the key that signs tokens. What is
 * not taken with a 2xx is tried again after a minute, two, four and so on, for a day. Ends at the first that
 * is not taken: a receiver that stalls must not hold up whatever else the thread does for each event that
 * waits. */
void cb_webhook_deliver(struct cb_webhook *h, struct cb_fetcher *f, const struct cb_snapshot *s, int64_t now);

#endif
