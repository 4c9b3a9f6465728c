#include "cert/verdicts.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/ct.h"

enum { SLOTS = 4096 };

struct cb_verdicts {
    pthread_mutex_t lock;
    struct {
        struct cb_chain_key key;
        struct cb_trust_path *path; /* NULL: empty */
    } slots[SLOTS];
};

struct cb_verdicts *cb_verdicts_new(void)
{
    struct cb_verdicts *v = calloc(1, sizeof *v);
    if (v != NULL) {
        (void)pthread_mutex_init(&v->lock, NULL);
    }
    return v;
}

void cb_verdicts_free(struct cb_verdicts *v)
{
    if (v != NULL) {
        for (size_t i = 0; i < SLOTS; i++) {
            cb_trust_path_unref(v->slots[i].path);
        }
        (void)pthread_mutex_destroy(&v->lock);
        free(v);
    }
}

static void free_md_ctx(EVP_MD_CTX **c)
{
    EVP_MD_CTX_free(*c);
}

cb_status cb_chain_key_of(struct cb_str leaf, const struct cb_str *chain, size_t count,
                          struct cb_chain_key *out, struct cb_err *err)
{
    CB_AUTO(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CB_ENSURE(ctx != NULL, CB_E_MEMORY, "chain key");
    CB_TRY_OSSL(EVP_DigestInit_ex2(ctx, EVP_sha256(), NULL), "SHA-256");
    for (size_t i = 0; i <= count; i++) {
        const struct cb_str der = i == 0 ? leaf : chain[i - 1];
        CB_TRY_OSSL(EVP_DigestUpdate(ctx, &der.n, sizeof der.n),
                    "SHA-256"); /* so that no two lists read alike */
        CB_TRY_OSSL(EVP_DigestUpdate(ctx, der.p, der.n), "SHA-256");
    }
    CB_TRY_OSSL(EVP_DigestFinal_ex(ctx, out->b, NULL), "SHA-256");
    return CB_OK;
}

static size_t slot_of(const struct cb_chain_key *k)
{
    return ((size_t)k->b[0] << 8 | k->b[1]) % SLOTS;
}

struct cb_trust_path *cb_verdicts_find(struct cb_verdicts *v, const struct cb_chain_key *k, int64_t now)
{
    const size_t i = slot_of(k);
    (void)pthread_mutex_lock(&v->lock);
    struct cb_trust_path *path = v->slots[i].path;
    const bool good = path != NULL && now >= path->from && now <= path->until &&
                      cb_ct_eq(v->slots[i].key.b, sizeof k->b, k->b, sizeof k->b);
    path = good ? cb_trust_path_ref(path) : NULL;
    (void)pthread_mutex_unlock(&v->lock);
    return path;
}

void cb_verdicts_keep(struct cb_verdicts *v, const struct cb_chain_key *k, struct cb_trust_path *path)
{
    const size_t i = slot_of(k);
    (void)cb_trust_path_ref(path);
    (void)pthread_mutex_lock(&v->lock);
    struct cb_trust_path *old = v->slots[i].path;
    v->slots[i].key = *k;
    v->slots[i].path = path;
    (void)pthread_mutex_unlock(&v->lock);
    cb_trust_path_unref(old);
}
