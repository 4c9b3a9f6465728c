#include <limits.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "jose/keyop.h"

enum { RSA_BITS_NEW = 3072 };

static void pkey_free(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}

static void pkcs8_free(PKCS8_PRIV_KEY_INFO **p)
{
    PKCS8_PRIV_KEY_INFO_free(*p);
}

static void bio_free(BIO **p)
{
    BIO_free(*p);
}

enum cb_alg cb_sign_key_alg(const struct cb_sign_key *k)
{
    return k->op.alg;
}

static cb_status from_pkey(EVP_PKEY *pkey, enum cb_alg alg, struct cb_sign_key **out, struct cb_err *err)
{
    struct cb_sign_key *k = calloc(1, sizeof *k);
    CB_ENSURE(k != NULL, CB_E_MEMORY, "signing key");
    if (CB_FAILED(cb_keyop_init(&k->op, pkey, alg, true, err))) {
        cb_sign_key_free(k);
        return CB_FAIL;
    }
    *out = k;
    return CB_OK;
}

static EVP_PKEY *generate(enum cb_alg alg)
{
    switch (alg) {
        case CB_ALG_ES256:
            return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        case CB_ALG_PS256:
            return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS_NEW);
        case CB_ALG_EDDSA:
            return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        case CB_ALG_NONE:
        case CB_ALG__MAX:
        default:
            return NULL;
    }
}

cb_status cb_sign_key_generate(enum cb_alg alg, struct cb_sign_key **out, struct cb_err *err)
{
    CB_ENSURE(alg > CB_ALG_NONE && alg < CB_ALG__MAX, CB_E_JWS_ALG, "no such algorithm");
    CB_AUTO(pkey_free) EVP_PKEY *pkey = generate(alg);
    CB_ENSURE(pkey != NULL, CB_E_CRYPTO, "%s key generation", cb_alg_name(alg));
    return from_pkey(pkey, alg, out, err);
}

cb_status cb_sign_key_from_pkcs8(struct cb_str der, enum cb_alg alg, struct cb_sign_key **out,
                                 struct cb_err *err)
{
    CB_ENSURE(der.n <= LONG_MAX, CB_E_KEY_FILE, "PKCS #8 key of %zu bytes", der.n);
    const uint8_t *at = (const uint8_t *)der.p;
    CB_AUTO(pkcs8_free) PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.n);
    CB_ENSURE(info != NULL && at == (const uint8_t *)der.p + der.n, CB_E_KEY_FILE, "not a PKCS #8 key");
    CB_AUTO(pkey_free) EVP_PKEY *pkey = EVP_PKCS82PKEY(info);
    CB_ENSURE(pkey != NULL, CB_E_KEY_FILE, "not a PKCS #8 key that OpenSSL knows");
    return from_pkey(pkey, alg, out, err);
}

cb_status cb_sign_key_to_pkcs8(const struct cb_sign_key *k, struct cb_buf *out, struct cb_err *err)
{
    CB_AUTO(pkcs8_free) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->op.pkey);
    CB_ENSURE(info != NULL, CB_E_CRYPTO, "PKCS #8 form");
    const int n = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
    CB_ENSURE(n > 0, CB_E_CRYPTO, "PKCS #8 form");
    uint8_t *at = cb_buf_space(out, (size_t)n);
    CB_TRY(cb_buf_check(out, err));
    CB_ENSURE(i2d_PKCS8_PRIV_KEY_INFO(info, &at) == n, CB_E_CRYPTO, "PKCS #8 form");
    return CB_OK;
}

cb_status cb_sign_key_public_pem(const struct cb_sign_key *k, struct cb_buf *out, struct cb_err *err)
{
    CB_AUTO(bio_free) BIO *bio = BIO_new(BIO_s_mem());
    CB_ENSURE(bio != NULL, CB_E_MEMORY, "PEM form");
    CB_TRY_OSSL(PEM_write_bio_PUBKEY(bio, k->op.pkey), "PEM form");
    char *pem = NULL;
    const long n = BIO_get_mem_data(bio, &pem);
    CB_ENSURE(n > 0, CB_E_CRYPTO, "PEM form");
    cb_buf_add(out, pem, (size_t)n);
    return cb_buf_check(out, err);
}

void cb_sign_key_free(struct cb_sign_key *k)
{
    if (k != NULL) {
        cb_keyop_done(&k->op);
        free(k);
    }
}

cb_status cb_sign(struct cb_sign_key *k, struct cb_str input, uint8_t out[CB_SIGNATURE_MAX], size_t *out_n,
                  struct cb_err *err)
{
    return cb_keyop_sign(&k->op, input, out, out_n, err);
}
