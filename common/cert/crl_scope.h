/* What a revocation list is about: its extensions. RFC 5280 section 5.2. Part of crl.c. */
#ifndef CB_CRL_SCOPE_H
#define CB_CRL_SCOPE_H

#include "base/arena.h"
#include "cert/crl.h"

struct cb_crl_scope {
    bool only_users, only_cas;
    unsigned reasons; /* CB_CRL_ALL_REASONS, or some of them */
    bool one_point;   /* only what names one of these distribution points */
    const struct cb_str *points;
    size_t point_count;
};

/* Reads the content of crlExtensions; its strings are copied into the arena. CB_E_CRL_MALFORMED,
 * CB_E_CRL_UNSUPPORTED. */
CB_MUST cb_crl_scope_read(struct cb_arena *a, struct cb_str extensions, struct cb_crl_scope *out,
                          char number[CB_CRL_NUMBER_TEXT], struct cb_err *err);

#endif
