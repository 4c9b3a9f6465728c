/* DER, as far as the outline of certificates and of lists of them needs it. X.690 section 8.1, with the
 * limits of section 10.1.
 */
#ifndef CB_DER_H
#define CB_DER_H

#include "base/str.h"

enum {
    CB_DER_BOOLEAN = 0x01,
    CB_DER_INTEGER = 0x02,
    CB_DER_BIT_STRING = 0x03,
    CB_DER_OCTET_STRING = 0x04,
    CB_DER_OID = 0x06,
    CB_DER_UTF8_STRING = 0x0c,
    CB_DER_SEQUENCE = 0x30,
};

/* Takes the element with this identifier octet off the front of *rest: definite, shortest length of at most
 * four octets. False, and *rest as it was, when another stands there or it is cut short. */
bool cb_der_take(struct cb_str *rest, unsigned char identifier, struct cb_str *out_content);

/* The same for whatever element stands there; one whose tag needs more than one octet is refused. */
bool cb_der_take_any(struct cb_str *rest, struct cb_str *out_content);

/* Is the content of an OBJECT IDENTIFIER well-formed? X.690 section 8.19. */
bool cb_der_is_oid(struct cb_str content);

#endif
