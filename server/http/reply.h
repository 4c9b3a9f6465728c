/* From a reply or a refusal to status, header fields and body: no HTTP library yet, no allocation but the
 * request's arena. */
#ifndef CB_REPLY_H
#define CB_REPLY_H

#include "oauth/exchange.h"

struct cb_header {
    const char *name;
    const char *value;
};

struct cb_rendered {
    unsigned status;
    struct cb_str body; /* in the arena, in the document, or constant */
    struct cb_header headers[12];
    size_t header_count;
};

/* What a listener adds to every reply. */
struct cb_reply_context {
    bool tls;     /* tells browsers to stay with TLS */
    bool closing; /* the listener stops: the connection ends with this reply */
    bool problem_documents;
};

struct cb_refusal {
    enum cb_code code;
    const char *allow;  /* for CB_E_HTTP_METHOD */
    const char *accept; /* for CB_E_HTTP_MEDIA_TYPE */
};

/* A reply that an endpoint gave. CB_E_MEMORY, CB_E_INTERNAL. */
CB_MUST cb_reply_render(const struct cb_reply_context *c, const struct cb_request *rq,
                        const struct cb_reply *reply, struct cb_rendered *out, struct cb_err *err);

/* The answer for a failure: RFC 6749 section 5.2, or a problem document (RFC 9457). rq->problems, one a line,
 * become its member "problems". Never fails. */
void cb_reply_render_error(const struct cb_reply_context *c, const struct cb_request *rq,
                           const struct cb_refusal *why, struct cb_rendered *out);

#endif
