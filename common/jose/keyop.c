#include "jose/keyop.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "jose/ecdsa.h"

enum { SHA256_BYTES = 32, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, GROUP_NAME_MAX = 32 };

static bool fits_es256(EVP_PKEY *pkey)
{
    char group[GROUP_NAME_MAX] = { 0 };
    return EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) == 1 &&
           cb_str_is(cb_str_of(group), "prime256v1");
}

static bool fits_ps256(EVP_PKEY *pkey)
{
    const int bits = EVP_PKEY_get_bits(pkey);
    return EVP_PKEY_is_a(pkey, "RSA") && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
}

static bool fits_eddsa(EVP_PKEY *pkey)
{
    return EVP_PKEY_is_a(pkey, "ED25519");
}

/* MGF1 follows the digest. A salt as long as the digest and no other: RFC 7518 section 3.5. */
static bool prepare_ps256(EVP_PKEY_CTX *op)
{
    return EVP_PKEY_CTX_set_rsa_padding(op, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(op, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static const struct {
    bool (*fits)(EVP_PKEY *pkey);
    bool prehash;
    bool (*prepare)(EVP_PKEY_CTX *op);
} algs[CB_ALG__MAX] = {
    [CB_ALG_ES256] = { .fits = fits_es256, .prehash = true },
    [CB_ALG_PS256] = { .fits = fits_ps256, .prehash = true, .prepare = prepare_ps256 },
    [CB_ALG_EDDSA] = { .fits = fits_eddsa },
};

static void ctx_free(struct cb_pool_item *item)
{
    struct cb_keyop_ctx *c = (struct cb_keyop_ctx *)item;
    if (c != NULL) {
        EVP_MD_CTX_free(c->md);
        EVP_PKEY_CTX_free(c->op);
        free(c);
    }
}

static bool ctx_prepare(const struct cb_keyop *k, struct cb_keyop_ctx *c)
{
    c->md = EVP_MD_CTX_new();
    if (c->md == NULL || !algs[k->alg].prehash) {
        return c->md != NULL;
    }
    c->op = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
    return c->op != NULL && EVP_DigestInit_ex2(c->md, k->sha256, NULL) == 1 &&
           (k->sign ? EVP_PKEY_sign_init(c->op) : EVP_PKEY_verify_init(c->op)) == 1 &&
           (algs[k->alg].prepare == NULL || algs[k->alg].prepare(c->op)) &&
           EVP_PKEY_CTX_set_signature_md(c->op, k->sha256) == 1;
}

static struct cb_keyop_ctx *ctx_new(const struct cb_keyop *k)
{
    struct cb_keyop_ctx *c = calloc(1, sizeof *c);
    if (c != NULL && !ctx_prepare(k, c)) {
        ctx_free(&c->item);
        c = NULL;
    }
    return c;
}

cb_status cb_keyop_init(struct cb_keyop *k, EVP_PKEY *pkey, enum cb_alg alg, bool sign, struct cb_err *err)
{
    CB_ENSURE(alg > CB_ALG_NONE && alg < CB_ALG__MAX, CB_E_JWS_ALG, "no such algorithm");
    CB_ENSURE(algs[alg].fits(pkey), CB_E_JWK, "the key does not fit %s", cb_alg_name(alg));
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    CB_ENSURE(sha256 != NULL, CB_E_CRYPTO, "SHA-256");
    if (EVP_PKEY_up_ref(pkey) != 1) {
        EVP_MD_free(sha256);
        CB_REFUSE(CB_E_CRYPTO, "key reference");
    }
    *k = (struct cb_keyop){ .alg = alg, .sign = sign, .pkey = pkey, .sha256 = sha256 };
    if (!cb_pool_init(&k->pool, ctx_free)) {
        EVP_MD_free(sha256);
        EVP_PKEY_free(pkey);
        *k = (struct cb_keyop){ 0 };
        CB_REFUSE(CB_E_MEMORY, "key lock");
    }

    struct cb_keyop_ctx *first = ctx_new(k); /* a key that cannot work is found out here, not in a request */
    CB_ENSURE(first != NULL, CB_E_CRYPTO, "%s context", cb_alg_name(alg));
    cb_pool_give(&k->pool, &first->item);
    return CB_OK;
}

void cb_keyop_done(struct cb_keyop *k)
{
    if (k->pkey != NULL) {
        cb_pool_done(&k->pool);
        EVP_PKEY_free(k->pkey);
        EVP_MD_free(k->sha256);
        *k = (struct cb_keyop){ 0 };
    }
}

static struct cb_keyop_ctx *ctx_take(struct cb_keyop *k)
{
    struct cb_pool_item *idle = cb_pool_take(&k->pool);
    return idle != NULL ? (struct cb_keyop_ctx *)idle : ctx_new(k);
}

static bool digest(struct cb_keyop_ctx *c, struct cb_str input, uint8_t out[SHA256_BYTES])
{
    return EVP_DigestInit_ex2(c->md, NULL, NULL) == 1 && EVP_DigestUpdate(c->md, input.p, input.n) == 1 &&
           EVP_DigestFinal_ex(c->md, out, NULL) == 1;
}

static cb_status sign_with(const struct cb_keyop *k, struct cb_keyop_ctx *c, struct cb_str input,
                           uint8_t out[CB_SIGNATURE_MAX], size_t *out_n, struct cb_err *err)
{
    uint8_t hash[SHA256_BYTES];
    uint8_t der[CB_ES256_DER_MAX];
    size_t n = k->alg == CB_ALG_ES256 ? sizeof der : CB_SIGNATURE_MAX;
    switch (k->alg) {
        case CB_ALG_ES256:
            CB_ENSURE(digest(c, input, hash) && EVP_PKEY_sign(c->op, der, &n, hash, sizeof hash) == 1,
                      CB_E_CRYPTO, "ES256 signature");
            CB_TRY(cb_ecdsa_to_raw((struct cb_str){ (char *)der, n }, out, err));
            n = CB_ES256_RAW;
            break;
        case CB_ALG_PS256:
            CB_ENSURE(digest(c, input, hash) && EVP_PKEY_sign(c->op, out, &n, hash, sizeof hash) == 1,
                      CB_E_CRYPTO, "PS256 signature");
            break;
        case CB_ALG_EDDSA: /* a one-shot context is prepared anew each time: OpenSSL 3.5 insists */
            CB_ENSURE(EVP_DigestSignInit_ex(c->md, NULL, NULL, NULL, NULL, k->pkey, NULL) == 1 &&
                          EVP_DigestSign(c->md, out, &n, (const uint8_t *)input.p, input.n) == 1,
                      CB_E_CRYPTO, "EdDSA signature");
            break;
        case CB_ALG_NONE:
        case CB_ALG__MAX:
        default:
            CB_REFUSE(CB_E_JWS_ALG, "no such algorithm");
    }
    *out_n = n;
    return CB_OK;
}

cb_status cb_keyop_sign(struct cb_keyop *k, struct cb_str input, uint8_t out[CB_SIGNATURE_MAX], size_t *out_n,
                        struct cb_err *err)
{
    struct cb_keyop_ctx *c = ctx_take(k);
    CB_ENSURE(c != NULL, CB_E_CRYPTO, "%s context", cb_alg_name(k->alg));
    const cb_status done = sign_with(k, c, input, out, out_n, err);
    cb_pool_give(&k->pool, &c->item);
    return done;
}

static bool verified(const struct cb_keyop *k, struct cb_keyop_ctx *c, struct cb_str input, struct cb_str sig)
{
    uint8_t hash[SHA256_BYTES];
    uint8_t der[CB_ES256_DER_MAX];
    size_t n = 0;
    const uint8_t *s = (const uint8_t *)sig.p;
    switch (k->alg) {
        case CB_ALG_ES256:
            return !CB_FAILED(cb_ecdsa_to_der(sig, der, &n, NULL)) && digest(c, input, hash) &&
                   EVP_PKEY_verify(c->op, der, n, hash, sizeof hash) == 1;
        case CB_ALG_PS256:
            return digest(c, input, hash) && EVP_PKEY_verify(c->op, s, sig.n, hash, sizeof hash) == 1;
        case CB_ALG_EDDSA:
            return EVP_DigestVerifyInit_ex(c->md, NULL, NULL, NULL, NULL, k->pkey, NULL) == 1 &&
                   EVP_DigestVerify(c->md, s, sig.n, (const uint8_t *)input.p, input.n) == 1;
        case CB_ALG_NONE:
        case CB_ALG__MAX:
        default:
            return false;
    }
}

cb_status cb_keyop_verify(struct cb_keyop *k, struct cb_str input, struct cb_str signature,
                          struct cb_err *err)
{
    struct cb_keyop_ctx *c = ctx_take(k);
    CB_ENSURE(c != NULL, CB_E_CRYPTO, "%s context", cb_alg_name(k->alg));
    ERR_set_mark(); /* a forged signature is no error of the thread that met it */
    const bool good = verified(k, c, input, signature);
    ERR_pop_to_mark();
    cb_pool_give(&k->pool, &c->item);
    CB_ENSURE(good, CB_E_JWS_SIGNATURE, "the %s signature is not by this key", cb_alg_name(k->alg));
    return CB_OK;
}
