/* What the forms of a client certificate's header field have in common, for client_cert_*.c alone. */
#ifndef CB_CLIENT_CERT_PARTS_H
#define CB_CLIENT_CERT_PARTS_H

#include "http/client_cert_header.h"

/* One more of the chain. CB_E_CERT_MALFORMED: it has enough. */
CB_MUST cb_present(struct cb_presented *p, struct cb_str der, struct cb_err *err);

/* Standard base64, strictly, as DER in the arena. CB_E_CERT_HEADER_MALFORMED, also when it is empty. */
CB_MUST cb_base64_der(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err);

/* RFC 3986 section 2.1: escapes, and nothing unescaped but section 2.3's unreserved characters. */
CB_MUST cb_unescape(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err);

/* Certificates in percent-encoded PEM, one after the other, at least one and nothing else. */
CB_MUST cb_present_escaped_pem(struct cb_arena *a, struct cb_str text, struct cb_presented *p,
                               struct cb_err *err);

/* The form of Envoy, from a file of its own. */
CB_MUST cb_parse_xfcc(struct cb_arena *a, struct cb_str field, struct cb_str none, struct cb_presented *out,
                      struct cb_err *err);

#endif
