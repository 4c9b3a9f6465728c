/* What the header fields of a request say, gathered in one walk. */
#ifndef CB_FACTS_H
#define CB_FACTS_H

#include <microhttpd.h>

#include "base/err.h"
#include "base/str.h"

enum cb_field {
    CB_FIELD_CONTENT_TYPE,
    CB_FIELD_CONTENT_LENGTH,
    CB_FIELD_TRANSFER_ENCODING,
    CB_FIELD_AUTHORIZATION,
    CB_FIELD_IF_NONE_MATCH,
    CB_FIELD_IF_MATCH,
    CB_FIELD_EXPECT,
    CB_FIELD__MAX
};

struct cb_facts {
    struct cb_str fields[CB_FIELD__MAX]; /* p == NULL: absent */
    bool repeated[CB_FIELD__MAX];
    bool chunked;
    uint64_t content_length; /* 0 without one */
};

/* Refuses what two parsers could read differently: a repeated field, Content-Length beside Transfer-Encoding,
 * a transfer coding other than chunked (RFC 9112 section 6.3); and more than `most`
 * bytes of header. CB_E_HTTP_AMBIGUOUS, CB_E_HTTP_HEADER_TOO_LARGE. */
CB_MUST cb_facts_gather(struct MHD_Connection *mhd, size_t most, struct cb_facts *out, struct cb_err *err);

/* Is this Content-Type the media type, whatever its parameters? RFC 9110 section 8.3. */
bool cb_media_type_is(struct cb_str content_type, struct cb_str media_type);

#endif
