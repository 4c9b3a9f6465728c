#include <stdlib.h>

#include "oauth/exchange.h"

struct cb_document *cb_document_new(struct cb_str body, const char *content_type, const char *cache_control)
{
    struct cb_x5t digest = { 0 };
    if (CB_FAILED(cb_x5t_of(body, &digest, NULL))) {
        return NULL;
    }
    struct cb_document *d = malloc(sizeof *d + body.n);
    if (d == NULL) {
        return NULL;
    }
    char *copy = (char *)(d + 1);
    memcpy(copy, body.p, body.n);
    *d = (struct cb_document){ .body = { copy, body.n },
                               .content_type = content_type,
                               .cache_control = cache_control };
    atomic_init(&d->references, 1);

    d->etag[0] = '"';
    cb_x5t_text(&digest, d->etag + 1);
    d->etag[CB_X5T_TEXT] = '"';
    d->etag[CB_X5T_TEXT + 1] = '\0';
    return d;
}

struct cb_document *cb_document_ref(struct cb_document *d)
{
    atomic_fetch_add_explicit(&d->references, 1, memory_order_relaxed);
    return d;
}

void cb_document_unref(struct cb_document *d)
{
    if (d != NULL && atomic_fetch_sub_explicit(&d->references, 1, memory_order_acq_rel) == 1) {
        free(d);
    }
}
