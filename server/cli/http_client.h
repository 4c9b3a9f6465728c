/* One HTTPS request at a time, as a partner makes them: libcurl. Private to server/cli/. */
#ifndef CB_CLI_HTTP_CLIENT_H
#define CB_CLI_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"

struct cb_https {
    const char *url;
    const char *ca;           /* PEM; NULL: the system's */
    const char *cert;         /* PEM with its chain; NULL: none is presented */
    const char *key;          /* PEM */
    struct cb_str body;       /* p == NULL: GET, otherwise POST */
    const char *content_type; /* NULL: a form */
};

/* Follows no redirect, speaks TLS 1.2 or later, takes at most 30 s and 256 KiB. *out_body lives in the arena.
 * CB_E_UNREACHABLE. */
CB_MUST cb_https_fetch(struct cb_arena *a, const struct cb_https *rq, int *out_status,
                       struct cb_str *out_body, struct cb_err *err);

/* name=value, percent-encoded, with an "&" before all but the first. */
void cb_form_add(struct cb_buf *form, const char *name, const char *value);

#endif
