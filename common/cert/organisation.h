/* organizationIdentifier, 2.5.4.97: who a legal person is in some register. ETSI EN 319 412-1 section 5.1.4,
 * for payment services ETSI TS 119 495 section 5.2.1. */
#ifndef CB_ORGANISATION_H
#define CB_ORGANISATION_H

#include "cert/name.h"

#define CB_OID_ORGANIZATION_IDENTIFIER "2.5.4.97"

/* `PSDBE-NBB-1234.567.890` is scheme PSD, country BE, authority NBB, number 1234.567.890. Other schemes (VAT,
 * NTR, LEI, and Brazil's `OFBBR-...`, whose scheme is OFB) name no authority: they say who somebody is, and
 * not that somebody may offer payment services. Borrowed from the text. */
struct cb_organisation {
    struct cb_str text; /* the whole of it */
    struct cb_str scheme, country, authority, number;
};

/* False when it has neither form: three letters, a country, `-`, and for PSD an authority of 2 to 8 letters
 * and another `-`, and then something, be it with hyphens and spaces. All letters are capitals. */
bool cb_organisation_of(struct cb_str text, struct cb_organisation *out);

/* Is this a competent authority, `GB-FCA`: country, `-`, 2 to 8 capital letters? */
bool cb_is_authority_id(struct cb_str text);

#endif
