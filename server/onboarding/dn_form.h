/* How Open Finance Brazil has a subject written: DCR section 7.1.2. */
#ifndef CB_DN_FORM_H
#define CB_DN_FORM_H

#include "base/str.h"

/* Is every attribute one of the nine of RFC 4514 by its short name, or a dotted OID with a #hex value, and
 * nothing between the parts but the commas and pluses? Whether the values can be read is cb_name_from_text's
 * to say. */
bool cb_dn_form_is_brazilian(struct cb_str dn);

#endif
