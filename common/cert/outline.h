/* The parts of a certificate, none of them decoded. RFC 5280 section 4.1. */
#ifndef CB_OUTLINE_H
#define CB_OUTLINE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Borrowed from the DER that was read. Whole elements, identifier and length included, unless it says
 * otherwise. */
struct cb_outline {
    struct cb_str serial; /* the content of the INTEGER */
    struct cb_str issuer, subject;
    struct cb_str public_key; /* SubjectPublicKeyInfo: OpenSSL 3.0 takes 100 µs to decode one, and most of
                                 what is asked of a certificate needs none */
    struct cb_str extensions; /* the content of the field; p == NULL without one */
    int64_t not_before, not_after; /* Unix seconds, both inclusive */
};

/* Of exactly one certificate, nothing behind it. CB_E_CERT_MALFORMED. */
CB_MUST cb_outline_read(struct cb_str der, struct cb_outline *out, struct cb_err *err);

#endif
