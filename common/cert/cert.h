/* A certificate, parsed once: what the rest of the program asks of it, without OpenSSL's types. */
#ifndef CB_CERT_H
#define CB_CERT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "cert/extension.h"
#include "cert/name.h"
#include "cert/x5t.h"

enum cb_san_kind { CB_SAN_DNS, CB_SAN_URI, CB_SAN_IP, CB_SAN_EMAIL, CB_SAN__MAX };

struct cb_san_list {
    const struct cb_str *values; /* IP: 4 or 16 octets; the others: IA5 text without NUL */
    size_t count;
};

/* All of it lives in the arena given to cb_cert_parse. Immutable. */
struct cb_cert {
    struct cb_str der;        /* as received */
    struct cb_str serial;     /* the content of the DER INTEGER */
    struct cb_str public_key; /* SubjectPublicKeyInfo, the part of it, not decoded */
    struct cb_x5t x5t;
    const struct cb_name *subject; /* NULL when the subject is empty */
    const struct cb_name *issuer;  /* the same */
    struct cb_san_list sans[CB_SAN__MAX];
    const struct cb_extension *extensions; /* no two of one type */
    size_t extension_count;
    int64_t not_before, not_after; /* Unix seconds, both inclusive */
};

/* Parses exactly one DER certificate of at most CB_LIMIT_CERTIFICATE bytes, nothing behind it: who it is of
 * and how long, and not whether its key or its other extensions are any good, which cb_trust_check asks.
 * Refuses a SAN with a NUL or a byte outside IA5, an extension that is there twice (RFC 5280 section 4.2),
 * more than CB_LIMIT_EXTENSIONS of them, and a subject or issuer that cb_name_from_der refuses. `der` is
 * copied into the arena. CB_E_CERT_MALFORMED. */
CB_MUST cb_cert_parse(struct cb_arena *a, struct cb_str der, struct cb_cert *out, struct cb_err *err);

/* Is `now` within its validity? CB_E_CERT_NOT_YET_VALID, _EXPIRED. */
CB_MUST cb_cert_check_time(const struct cb_cert *c, int64_t now, struct cb_err *err);

/* The extension of this type, named by the content of its OBJECT IDENTIFIER; NULL when there is none. */
const struct cb_extension *cb_cert_extension(const struct cb_cert *c, struct cb_str oid);

/* Is one of the SANs of this kind the registered value? DNS and the domain of an email without regard to
 * ASCII case, URI to the byte, IP as octets (text forms of RFC 5952 and dotted IPv4 are parsed). No wildcard
 * is interpreted. RFC 8705 section 2.1.2. */
bool cb_cert_has_san(const struct cb_cert *c, enum cb_san_kind kind, struct cb_str registered);

/* The value to keep for a SAN as registered: DNS lower-cased, IP in its canonical text. CB_E_REGISTRATION
 * when it is empty, too long, holds a wildcard, or is not of its kind. */
CB_MUST cb_san_normalise(struct cb_arena *a, enum cb_san_kind kind, struct cb_str text, struct cb_str *out,
                         struct cb_err *err);

/* The registered SAN values that would match this certificate, for `certbound explain` and refusals: e.g.
 * `DNS:a`. */
void cb_cert_print_sans(const struct cb_cert *c, struct cb_buf *out);
void cb_san_print(enum cb_san_kind kind, struct cb_str value, struct cb_buf *out); /* one, as registered */
const char *cb_san_label(enum cb_san_kind kind); /* "DNS", "URI", "IP", "email" */

/* Certificates out of a PEM bundle, in order, as DER in the arena. Text around the blocks and blocks of
 * other kinds are skipped; a block that does not decode, and a TRUSTED CERTIFICATE, which says more than we
 * would heed, is an error that names its number. CB_E_CERT_MALFORMED. */
CB_MUST cb_cert_pem_bundle(struct cb_arena *a, struct cb_str pem, struct cb_str **out_ders, size_t *out_count,
                           struct cb_err *err);

#endif
