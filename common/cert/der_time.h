/* Times as certificates and revocation lists write them. RFC 5280 section 4.1.2.5. */
#ifndef CB_DER_TIME_H
#define CB_DER_TIME_H

#include <stdint.h>

#include "base/str.h"

/* Takes a UTCTime (1950 to 2049) or a GeneralizedTime, both with seconds and in UTC ("Z"), off the front of
 * *rest, as Unix seconds. False, and *rest as it was, for anything else. */
bool cb_der_take_time(struct cb_str *rest, int64_t *out);

#endif
