#include "cert/trust_path.h"

#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct held {
    struct cb_trust_path public; /* first, so that the two pointers are the same */
    atomic_size_t references;
    char *leaf_serial;
    struct cb_trust_link links[];
};

struct cb_trust_path *cb_trust_path_ref(struct cb_trust_path *p)
{
    atomic_fetch_add_explicit(&((struct held *)p)->references, 1, memory_order_relaxed);
    return p;
}

void cb_trust_path_unref(struct cb_trust_path *p)
{
    struct held *h = (struct held *)p;
    if (h == NULL || atomic_fetch_sub_explicit(&h->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < h->public.count; i++) {
        cb_authority_unref(h->links[i].issuer);
    }
    free(h->leaf_serial);
    free(h);
}

static void auto_path(struct cb_trust_path **p)
{
    cb_trust_path_unref(*p);
}

static void free_der(unsigned char **der)
{
    OPENSSL_free(*der);
}

/* A configured CA is shared; a presented one lives as long as the paths that it is part of. */
static cb_status authority_of(X509 *x, const struct cb_ca_set *const *sets, size_t set_count,
                              struct cb_authority **out, struct cb_err *err)
{
    for (size_t i = 0; i < set_count; i++) {
        struct cb_authority *a = cb_ca_set_authority(sets[i], x);
        if (a != NULL) {
            *out = cb_authority_ref(a);
            return CB_OK;
        }
    }
    CB_AUTO(free_der) unsigned char *der = NULL;
    const int n = i2d_X509(x, &der);
    CB_ENSURE(n > 0, CB_E_CRYPTO, "a certificate of the chain does not encode");
    return cb_authority_new((struct cb_str){ (const char *)der, (size_t)n }, out, err);
}

/* Where two certificates of a chain are valid, both are. */
static void narrow(struct cb_trust_path *p, int64_t not_before, int64_t not_after)
{
    p->from = not_before > p->from ? not_before : p->from;
    /* OpenSSL calls a certificate expired in the very second of its not-after. */
    p->until = not_after - 1 < p->until ? not_after - 1 : p->until;
}

cb_status cb_trust_path_new(const struct cb_cert *leaf, STACK_OF(X509) * chain,
                            const struct cb_ca_set *const *sets, size_t set_count, struct cb_trust_path **out,
                            struct cb_err *err)
{
    const size_t above = (size_t)sk_X509_num(chain) - 1;
    struct held *h = calloc(1, sizeof *h + above * sizeof h->links[0]);
    CB_ENSURE(h != NULL, CB_E_MEMORY, "chain");
    CB_AUTO(auto_path) struct cb_trust_path *path = &h->public;
    atomic_init(&h->references, 1);
    path->links = h->links;
    path->from = INT64_MIN;
    path->until = INT64_MAX;
    narrow(path, leaf->not_before, leaf->not_after);
    h->leaf_serial = malloc(leaf->serial.n);
    CB_ENSURE(h->leaf_serial != NULL, CB_E_MEMORY, "chain");
    (void)mempcpy(h->leaf_serial, leaf->serial.p, leaf->serial.n);
    struct cb_str serial = { h->leaf_serial, leaf->serial.n };
    for (size_t i = 0; i < above; i++) {
        struct cb_authority *issuer = NULL;
        CB_TRY(authority_of(sk_X509_value(chain, (int)i + 1), sets, set_count, &issuer, err));
        h->links[path->count++] = (struct cb_trust_link){ .serial = serial, .issuer = issuer };
        narrow(path, issuer->not_before, issuer->not_after);
        serial = issuer->serial;
    }
    *out = CB_TAKE(path);
    return CB_OK;
}
