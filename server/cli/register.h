/* A partner registers itself: RFC 7591 over mutual TLS. Private to server/cli/. */
#ifndef CB_CLI_REGISTER_H
#define CB_CLI_REGISTER_H

#include "base/arena.h"
#include "base/err.h"

struct cb_application_form {
    const char *url; /* registration_endpoint */
    const char *ca, *cert, *key;
    struct cb_str metadata;  /* a JSON object */
    struct cb_str statement; /* a software statement; n == 0: in the metadata, or none */
    const char *sign; /* folder of the key that signs the request, as UK Open Banking wants; NULL: JSON */
    const char *issuer, *audience; /* of a signed request */
    bool dry_run;
};

/* Posts the request, again while the answer is 503, for a few seconds. *out_body lives in the arena.
 * CB_E_UNREACHABLE, CB_E_JSON, CB_E_FILE. */
CB_MUST cb_apply_post(struct cb_arena *a, const struct cb_application_form *r, int *out_status,
                      struct cb_str *out_body, struct cb_err *err);

#endif
