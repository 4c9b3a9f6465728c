/* A certificate in text, as it is kept with the client that shows it. */
#ifndef CB_DESCRIBE_H
#define CB_DESCRIBE_H

#include "cert/cert.h"
#include "store/store.h"

/* Thumbprint, names, serial and times; the rest of *out is zero. A name that is longer than CB_LIMIT_SUBJECT
 * gives "". The strings live in the arena. CB_E_MEMORY. */
CB_MUST cb_certificate_describe(struct cb_arena *a, const struct cb_cert *cert,
                                struct cb_seen_certificate *out, struct cb_err *err);

#endif
