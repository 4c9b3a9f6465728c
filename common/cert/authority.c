#include "cert/authority.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cert/outline.h"

struct held {
    struct cb_authority public; /* first, so that the two pointers are the same */
    atomic_size_t references;
    char der[];
};

static cb_status fill(struct cb_authority *a, struct cb_err *err)
{
    struct cb_outline o = { .not_after = 0 };
    CB_TRY(cb_outline_read(a->der, &o, err));
    CB_TRY(cb_key_hash_of(o.public_key, &a->key, err));
    CB_TRY(cb_x5t_of(a->der, &a->x5t, err));
    a->serial = o.serial;
    a->subject = o.subject;
    a->public_key = o.public_key;
    a->not_before = o.not_before;
    a->not_after = o.not_after;
    return CB_OK;
}

cb_status cb_authority_new(struct cb_str der, struct cb_authority **out, struct cb_err *err)
{
    struct held *h = calloc(1, sizeof *h + der.n);
    CB_ENSURE(h != NULL, CB_E_MEMORY, "CA certificate");
    atomic_init(&h->references, 1);
    (void)mempcpy(h->der, der.p, der.n);
    h->public.der = (struct cb_str){ h->der, der.n };
    if (CB_FAILED(fill(&h->public, err))) {
        free(h);
        return CB_FAIL;
    }
    *out = &h->public;
    return CB_OK;
}

struct cb_authority *cb_authority_ref(struct cb_authority *a)
{
    atomic_fetch_add_explicit(&((struct held *)a)->references, 1, memory_order_relaxed);
    return a;
}

void cb_authority_unref(struct cb_authority *a)
{
    struct held *h = (struct held *)a;
    if (h != NULL && atomic_fetch_sub_explicit(&h->references, 1, memory_order_acq_rel) == 1) {
        free(h);
    }
}
