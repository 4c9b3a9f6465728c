/* Subject names as decoded RDNs. One certificate prints as seven different strings in the field's tools; here
 * a name is compared as what it says. RFC 4514 (string form), RFC 4517 section 4.2.15
 * (distinguishedNameMatch). */
#ifndef CB_NAME_H
#define CB_NAME_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Immutable once made; every part lives in the arena it was made with. RDNs stand in the order of the DER. */
struct cb_name;

/* A subject name from DER (an encoded Name). CB_E_DN: does not decode, is empty, has more than
 * CB_LIMIT_RDN_PAIRS values, or a value holds NUL, a control character or bytes that its string type forbids.
 */
CB_MUST cb_name_from_der(struct cb_arena *a, struct cb_str der, const struct cb_name **out,
                         struct cb_err *err);

/* A name as somebody typed or pasted it. Reads every form that OpenSSL (RFC2253, RFC2253 with oid, oneline),
 * the JDK (getName, toString), Python cryptography and Node.js print: short names and dotted OIDs (with or
 * without "OID."), escapes, #hex values, multi-valued RDNs. RFC 4514 lists the RDNs last first; OpenSSL's
 * oneline form ("C = GB, O = x": a space before every "=") and Node's (one RDN a line) first first. What
 * OpenSSL 3.2 and later print by default ("C=GB, O=x") is the JDK's form ("O=x, C=GB") in the other order:
 * with such separators, the types must say that the more general RDN comes last, else the name is ambiguous
 * and refused. CB_E_DN says at which byte it went wrong. */
CB_MUST cb_name_from_text(struct cb_arena *a, struct cb_str text, const struct cb_name **out,
                          struct cb_err *err);

/* distinguishedNameMatch: same number of RDNs, position by position, each the same set of type and value in
 * any order, values by their attribute's rule. */
bool cb_name_eq(const struct cb_name *a, const struct cb_name *b);

/* How many values of this attribute type (dotted OID) the name holds; the first in the order of the DER goes
 * to *out_first, UTF-8, and stays as it was when there is none. A value that is no string does not count. */
size_t cb_name_values(const struct cb_name *name, const char *oid, struct cb_str *out_first);

/* What differs, such as `RDN 2: registered O=Acme, certificate O=Acme Ltd`, one after the other, as many as
 * the buffer holds; 192 bytes are enough for the first. Long values are cut. RDNs count as printed. Writes
 * nothing when the names are equal. */
void cb_name_explain(const struct cb_name *registered, const struct cb_name *presented, struct cb_buf *out);

/* How alike two names are: RDNs that both hold, wherever they stand, each standing for one; those that a
 * third name (NULL: none) holds too, such as the issuer's country, differ in nothing and make nobody alike.
 */
struct cb_name_likeness {
    size_t same, differ;
};
struct cb_name_likeness cb_name_compare(const struct cb_name *a, const struct cb_name *b,
                                        const struct cb_name *common);

/* The string to register: RFC 4514, attributes outside its table as dotted OID with the plain string. */
void cb_name_print(const struct cb_name *name, struct cb_buf *out);

/* SHA-256 over the normalised name: equal for two names if and only if cb_name_eq. */
CB_MUST cb_name_hash(const struct cb_name *name, uint8_t out[32], struct cb_err *err);

#endif
