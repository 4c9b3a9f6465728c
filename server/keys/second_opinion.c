#include <errno.h>
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "keys/keys.h"

static const char payload[] = "{\"purpose\":\"second opinion before the key signs\"}";

static void free_jwt(jwt_t **j)
{
    jwt_free(*j);
}

/* libjwt knows ES256 of our three. It is asked about our own token and our own key only. */
static cb_status ask_libjwt(const struct cb_buf *token, const struct cb_buf *pem, struct cb_err *err)
{
    CB_AUTO(free_jwt) jwt_t *jwt = NULL;
    const int rc = jwt_decode(&jwt, token->p, (const unsigned char *)pem->p, (int)pem->n);
    CB_ENSURE(rc == 0 && jwt_get_alg(jwt) == JWT_ALG_ES256, CB_E_CRYPTO,
              "libjwt does not accept a token made with the new key (%d)", rc);
    return CB_OK;
}

static void free_bio(BIO **b)
{
    BIO_free(*b);
}

static void free_pkey(EVP_PKEY **k)
{
    EVP_PKEY_free(*k);
}

static void free_md_ctx(EVP_MD_CTX **c)
{
    EVP_MD_CTX_free(*c);
}

/* The public key as others will read it, and a verification set up from nothing: shares no context and no
 * cached key with the signer. */
static cb_status ask_openssl(enum cb_alg alg, struct cb_str input, struct cb_str signature,
                             const struct cb_buf *pem, struct cb_err *err)
{
    CB_AUTO(free_bio) BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
    CB_AUTO(free_pkey) EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    CB_AUTO(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CB_ENSURE(key != NULL && ctx != NULL, CB_E_CRYPTO, "the new key's public PEM does not load");
    EVP_PKEY_CTX *pctx = NULL;
    CB_TRY_OSSL(EVP_DigestVerifyInit(ctx, &pctx, alg == CB_ALG_PS256 ? EVP_sha256() : NULL, NULL, key),
                "second opinion: init");
    if (alg == CB_ALG_PS256) {
        CB_TRY_OSSL(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), "second opinion: padding");
        CB_TRY_OSSL(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST), "second opinion: salt");
    }
    CB_ENSURE(EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
                               (const unsigned char *)input.p, input.n) == 1,
              CB_E_CRYPTO, "OpenSSL does not accept a token made with the new key");
    return CB_OK;
}

cb_status cb_second_opinion(struct cb_sign_key *key, struct cb_err *err)
{
    const enum cb_alg alg = cb_sign_key_alg(key);
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_buf token CB_AUTO(cb_buf_done);
    struct cb_buf header CB_AUTO(cb_buf_done);
    struct cb_buf pem CB_AUTO(cb_buf_done);
    char memory[64];
    cb_arena_init(&a, CB_LIMIT_JWS);
    cb_buf_init(&token, CB_LIMIT_JWS);
    cb_buf_init(&header, CB_LIMIT_JOSE_HEADER);
    cb_buf_init(&pem, CB_LIMIT_SECRET_FILE);
    struct cb_buf json;
    cb_buf_over(&json, memory, sizeof memory);
    cb_buf_add_fmt(&json, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", cb_alg_name(alg));
    cb_base64url_add(&header, json.p, json.n);

    CB_TRY(cb_sign_key_public_pem(key, &pem, err));
    CB_TRY(cb_jws_write(key, cb_buf_str(&header), cb_str_of(payload), &token, err));
    cb_buf_add_char(&token, '\0');
    cb_buf_add_char(&pem, '\0');
    CB_TRY(cb_buf_check(&token, err));
    CB_TRY(cb_buf_check(&pem, err));
    token.n--;
    pem.n--;
    if (alg == CB_ALG_ES256) {
        return ask_libjwt(&token, &pem, err);
    }
    struct cb_jws_raw raw = { 0 };
    CB_TRY(cb_jws_split(&a, cb_buf_str(&token), &raw, err));
    return ask_openssl(alg, raw.signing_input, raw.signature, &pem, err);
}
