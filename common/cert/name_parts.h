/* The inside of a name, for common/cert/ alone. */
#ifndef CB_NAME_PARTS_H
#define CB_NAME_PARTS_H

#include <openssl/x509.h>

#include "base/limits.h"
#include "cert/name.h"

/* What the largest name can be in text: a certificate full of values in hex. */
#define CB_LIMIT_NAME_TEXT (4 * CB_LIMIT_CERTIFICATE)

enum { OID_TEXT = 128 }; /* an OID in dotted form, the NUL behind it included */

struct cb_ava {
    struct cb_str oid;    /* dotted */
    struct cb_str value;  /* UTF-8; of a type that is no string, '#' and the DER in hex */
    struct cb_str folded; /* what is compared */
    bool opaque;          /* a value that is no string */
};

struct cb_rdn {
    struct cb_ava *avas; /* sorted, so that a set has one order */
    size_t count;
};

struct cb_name {
    struct cb_rdn *rdns;
    size_t count;
};

/* Names are built attribute by attribute, then sealed. */
struct cb_name_builder {
    struct cb_arena *arena;
    struct cb_ava avas[CB_LIMIT_RDN_PAIRS];
    bool starts_rdn[CB_LIMIT_RDN_PAIRS];
    size_t count;
};

/* Adds one attribute value; a new RDN begins where starts_rdn. Checks what a value may hold. CB_E_DN. */
CB_MUST cb_name_add(struct cb_name_builder *b, struct cb_str oid, struct cb_str value, bool opaque,
                    bool starts_rdn, struct cb_err *err);

/* The same from a decoded ASN.1 value. */
CB_MUST cb_name_add_asn1(struct cb_name_builder *b, struct cb_str oid, const ASN1_STRING *value,
                         bool starts_rdn, struct cb_err *err);

/* The RDNs in the order added, or in reverse: a name says nothing twice, so it must hold at least one. */
CB_MUST cb_name_seal(const struct cb_name_builder *b, bool reverse, const struct cb_name **out,
                     struct cb_err *err);

CB_MUST cb_name_from_x509(struct cb_arena *a, const X509_NAME *name, const struct cb_name **out,
                          struct cb_err *err);

#endif
