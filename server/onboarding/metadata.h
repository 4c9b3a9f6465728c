/* The client metadata that this server knows: RFC 7591 section 2, RFC 8705 section 2, OpenID Connect Dynamic
 * Client Registration 1.0 section 2. What is not in the table is ignored, as RFC 7591 demands. */
#ifndef CB_CLIENT_METADATA_H
#define CB_CLIENT_METADATA_H

#include "onboarding/claims.h"

enum cb_metadata_kind {
    CB_METADATA_TEXT,      /* a string */
    CB_METADATA_PAGE,      /* a URL for people; nobody here ever fetches it */
    CB_METADATA_TEXTS,     /* an array of strings */
    CB_METADATA_ALGORITHM, /* a JWS algorithm */
    CB_METADATA_RULED,     /* has rules of its own */
};

struct cb_metadata {
    const char *name;
    enum cb_metadata_kind kind;
    bool kept; /* given back as it is; the others are made from what the client is registered with */
};

extern const struct cb_metadata cb_metadata_table[];
extern const size_t cb_metadata_count;

/* What counts: the members of `asked` that are in the table, with those of the statement over them. `scheme`
 * says what the statement calls them. CB_E_MEMORY. */
CB_MUST cb_metadata_merge(struct cb_arena *a, const json_t *asked, const json_t *statement, unsigned scheme,
                          const json_t **out, struct cb_err *err);

#endif
