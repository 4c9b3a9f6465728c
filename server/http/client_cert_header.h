/* The certificate that a proxy, having ended TLS, hands on in a header field: from the field to the chain as
 * the partner presented it. Whether the sender is to be believed is asked elsewhere, and the chain is
 * verified like any other. */
#ifndef CB_CLIENT_CERT_HEADER_H
#define CB_CLIENT_CERT_HEADER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

/* The leaf first, as DER in the arena. count == 0: the partner presented none. */
struct cb_presented {
    struct cb_str ders[CB_LIMIT_CHAIN];
    size_t count;
};

/* One proxy's way to write it. */
struct cb_cert_header_form {
    const char *name;   /* listeners.mtls.proxy.certificate_header */
    const char *header; /* the usual field */
    const char
        *chain_header; /* the usual field of the intermediates; NULL: they have no field of their own */
    /* What the fields say; `leaf` is not empty. */
    cb_status (*parse)(struct cb_arena *a, struct cb_str leaf, struct cb_str chain, struct cb_presented *out,
                       struct cb_err *err);
};
const struct cb_cert_header_form *cb_cert_header_form(struct cb_str name); /* NULL: no such form */

/* Is this field the usual one of any form? Its name as we write it; NULL: it is not. */
const char *cb_cert_header_usual(struct cb_str field);

/* Strict: one text for one chain. An absent or empty `leaf` is a partner without certificate, but never with
 * a chain. CB_E_CERT_HEADER_MALFORMED, CB_E_CERT_HEADER_CHAIN_ALONE; CB_E_CERT_MALFORMED: more than
 * CB_LIMIT_CHAIN. */
CB_MUST cb_cert_header_parse(const struct cb_cert_header_form *form, struct cb_arena *a, struct cb_str leaf,
                             struct cb_str chain, struct cb_presented *out, struct cb_err *err);

#endif
