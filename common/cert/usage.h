/* What a certificate's key is for: RFC 5280 sections 4.2.1.3 and 4.2.1.12. */
#ifndef CB_USAGE_H
#define CB_USAGE_H

#include "cert/cert.h"

/* The first octet of keyUsage. */
enum { CB_USAGE_DIGITAL_SIGNATURE = 0x80, CB_USAGE_KEY_ENCIPHERMENT = 0x20, CB_USAGE_CRL_SIGN = 0x02 };

struct cb_usage {
    bool stated;   /* keyUsage is there */
    bool critical; /* and marked so */
    unsigned bits;
};

/* keyUsage; nothing stated when the extension is absent. CB_E_CERT_MALFORMED. */
CB_MUST cb_cert_key_usage(const struct cb_cert *c, struct cb_usage *out, struct cb_err *err);

/* Does extendedKeyUsage name this purpose, given as the content of its OBJECT IDENTIFIER? Without the
 * extension it names none. CB_E_CERT_MALFORMED. */
CB_MUST cb_cert_has_purpose(const struct cb_cert *c, struct cb_str oid, bool *out, struct cb_err *err);

#define CB_PURPOSE_CLIENT_AUTH CB_STR("\x2b\x06\x01\x05\x05\x07\x03\x02")

#endif
