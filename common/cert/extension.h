/* Extensions of certificates, revocation lists and their entries. RFC 5280 sections 4.2 and 5.2. */
#ifndef CB_EXTENSION_H
#define CB_EXTENSION_H

#include "base/str.h"

struct cb_extension {
    struct cb_str oid;   /* the content of the OBJECT IDENTIFIER */
    struct cb_str value; /* DER, not decoded */
    bool critical;
};

/* Takes one off the front of the content of Extensions. False when none stands there. */
bool cb_extension_take(struct cb_str *list, struct cb_extension *out);

#endif
