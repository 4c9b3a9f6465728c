/* The certificate of a certification authority: an anchor, an intermediate, or one that a partner presented.
 */
#ifndef CB_AUTHORITY_H
#define CB_AUTHORITY_H

#include "cert/key_hash.h"
#include "cert/x5t.h"

/* Immutable, counted, shared by threads; the strings point into `der`. */
struct cb_authority {
    struct cb_str der;
    struct cb_str serial;     /* the content of the DER INTEGER */
    struct cb_str subject;    /* a Name, DER: cb_name_from_der reads it */
    struct cb_str public_key; /* SubjectPublicKeyInfo, DER */
    struct cb_key_hash key;   /* of public_key */
    struct cb_x5t x5t;
    int64_t not_before, not_after; /* Unix seconds, both inclusive */
};

/* Copies the DER. Does not ask whether it is a CA. CB_E_CERT_MALFORMED. */
CB_MUST cb_authority_new(struct cb_str der, struct cb_authority **out, struct cb_err *err);
struct cb_authority *cb_authority_ref(struct cb_authority *a);
void cb_authority_unref(struct cb_authority *a); /* NULL is fine */

#endif
