/* The attribute types of names: what they are called in the field's tools, and how their values compare. */
#ifndef CB_ATTRIBUTES_H
#define CB_ATTRIBUTES_H

#include "base/str.h"

struct cb_attribute {
    const char *oid;
    const char *rfc4514;       /* the short name to print, RFC 4514 section 3; NULL: print the OID */
    const char *also_known[3]; /* further names that tools print, without regard to case */
};

/* All of them compare by caseIgnoreMatch (RFC 4519, RFC 5280 section 7.1) or its IA5 form, which is the same
 * on what IA5 can hold. Types that are not in the table compare to the byte. */
const struct cb_attribute *cb_attribute_by_oid(struct cb_str oid);
const struct cb_attribute *cb_attribute_by_name(struct cb_str name);

#endif
