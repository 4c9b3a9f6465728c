/* What a verified token says. */
#ifndef CB_CLAIMS_H
#define CB_CLAIMS_H

#include <certbound/verifier.h>

#include "base/str.h"
#include "jose/sha256.h"

#define CB_TIME_MAX INT64_C(253402300799) /* the last second of the year 9999 */

/* NumericDate of RFC 7519 section 2 in whole seconds; a fraction was rounded to the stricter side. */
struct cb_dates {
    int64_t expires;
    int64_t issued_at;
    int64_t not_before; /* 0 when absent */
};

/* Borrowed from the parsed token. */
struct cb_claims_of {
    struct cb_str subject, client_id, scope, jwt_id, json;
    struct cb_dates dates;
    uint8_t x5t[CB_SHA256_BYTES]; /* of the certificate it is bound to */
};

certbound_claims *cb_claims_new(const struct cb_claims_of *of); /* NULL when memory is used up */
certbound_claims *cb_claims_ref(certbound_claims *c);

const struct cb_dates *cb_claims_dates(const certbound_claims *c);
size_t cb_claims_bytes(const certbound_claims *c); /* memory it holds */

/* Are these dates good now? CERTBOUND_E_EXPIRED, _E_ISSUED_IN_FUTURE, _E_NOT_YET_VALID. */
certbound_code cb_dates_check(const struct cb_dates *d, int64_t now, int64_t skew);

bool cb_claims_bound_to(const certbound_claims *c, const uint8_t x5t[CB_SHA256_BYTES]);

#endif
