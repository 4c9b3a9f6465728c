/* The certificates of a self_signed_tls_client_auth client: RFC 8705 section 2.2. */
#ifndef CB_SELF_SIGNED_H
#define CB_SELF_SIGNED_H

#include "base/arena.h"
#include "base/buf.h"
#include "cert/x5t.h"
#include "store/store.h"

/* Checks a JWK set for registration: 1 to CB_LIMIT_JWKS_KEYS keys, no private one among them, at least one
 * with an x5c; the first certificate of each decodes and carries the very key of the JWK (RFC 7517
 * section 4.7). Keys without x5c are for other ends and left alone. Problems go to `problems`, one a line,
 * and make it fail with CB_E_REGISTRATION. */
CB_MUST cb_self_signed_check(struct cb_arena *a, struct cb_str jwks, struct cb_buf *problems,
                             struct cb_err *err);

/* The thumbprints of the x5c certificates of a set that was checked when it was registered.
 * CB_E_REGISTRATION. */
CB_MUST cb_self_signed_thumbprints(struct cb_arena *a, struct cb_str jwks, const struct cb_x5t **out,
                                   size_t *out_count, struct cb_err *err);

/* The same certificates as they are listed. */
CB_MUST cb_self_signed_certificates(struct cb_arena *a, struct cb_str jwks, struct cb_certificate_list *out,
                                    struct cb_err *err);

#endif
