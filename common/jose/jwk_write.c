#include <openssl/core_names.h>
#include <openssl/sha.h>

#include "jose/base64url.h"
#include "jose/ecdsa.h"
#include "jose/jwk.h"
#include "jose/keyop.h"

enum { RSA_N_MAX = 512 };

static void bn_free(BIGNUM **p)
{
    BN_free(*p);
}

/* One number of a key: 32 bytes for a curve, up to 4096 bits for RSA. */
struct number {
    uint8_t b[RSA_N_MAX];
    size_t n;
};

/* The required public members in the order of RFC 7638 section 3.2, which is also that of our documents. */
struct public_members {
    const char *crv; /* NULL for RSA */
    const char *kty;
    struct {
        const char *name; /* NULL behind the last */
        struct number v;
    } n[3];
};

static cb_status put_bn(const EVP_PKEY *pkey, const char *param, int pad, struct number *out,
                        struct cb_err *err)
{
    CB_AUTO(bn_free) BIGNUM *bn = NULL;
    CB_TRY_OSSL(EVP_PKEY_get_bn_param(pkey, param, &bn), "public key parameter");
    const int n = pad > 0 ? pad : BN_num_bytes(bn);
    CB_ENSURE(n > 0 && n <= RSA_N_MAX && BN_bn2binpad(bn, out->b, n) == n, CB_E_CRYPTO,
              "public key parameter");
    out->n = (size_t)n;
    return CB_OK;
}

static cb_status members_of(const struct cb_sign_key *key, struct public_members *out, struct cb_err *err)
{
    const EVP_PKEY *pkey = key->op.pkey;
    switch (key->op.alg) {
        case CB_ALG_ES256:
            *out = (struct public_members){ .crv = "P-256",
                                            .kty = "EC",
                                            .n = { { .name = "x" }, { .name = "y" } } };
            CB_TRY(put_bn(pkey, OSSL_PKEY_PARAM_EC_PUB_X, CB_P256_BYTES, &out->n[0].v, err));
            return put_bn(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, CB_P256_BYTES, &out->n[1].v, err);
        case CB_ALG_PS256:
            *out = (struct public_members){ .kty = "RSA", .n = { { .name = "e" }, { .name = "n" } } };
            CB_TRY(put_bn(pkey, OSSL_PKEY_PARAM_RSA_E, 0, &out->n[0].v, err));
            return put_bn(pkey, OSSL_PKEY_PARAM_RSA_N, 0, &out->n[1].v, err);
        case CB_ALG_EDDSA:
            *out = (struct public_members){ .crv = "Ed25519", .kty = "OKP", .n = { { .name = "x" } } };
            out->n[0].v.n = sizeof out->n[0].v.b;
            CB_TRY_OSSL(EVP_PKEY_get_raw_public_key(pkey, out->n[0].v.b, &out->n[0].v.n), "Ed25519 key");
            return CB_OK;
        case CB_ALG_NONE:
        case CB_ALG__MAX:
        default:
            CB_REFUSE(CB_E_JWS_ALG, "no such algorithm");
    }
}

/* "e" sorts before "kty" and "n", "x", "y" behind it. */
static void write_members(const struct public_members *m, struct cb_json_out *out)
{
    const bool rsa = m->crv == NULL;
    if (!rsa) {
        cb_json_put_cstr(out, "crv", m->crv);
    }
    for (size_t i = 0; m->n[i].name != NULL; i++) {
        if (i == (rsa ? 1 : 0)) {
            cb_json_put_cstr(out, "kty", m->kty);
        }
        char text[CB_BASE64URL_LEN(RSA_N_MAX)];
        cb_base64url_encode(m->n[i].v.b, m->n[i].v.n, text);
        cb_json_put_str(out, m->n[i].name, (struct cb_str){ text, CB_BASE64URL_LEN(m->n[i].v.n) });
    }
}

cb_status cb_jwk_write(const struct cb_sign_key *key, struct cb_str kid, struct cb_json_out *out,
                       struct cb_err *err)
{
    struct public_members m;
    CB_TRY(members_of(key, &m, err));
    cb_json_open(out, '{');
    write_members(&m, out);
    cb_json_put_str(out, "kid", kid);
    cb_json_put_cstr(out, "use", "sig");
    cb_json_put_cstr(out, "alg", cb_alg_name(key->op.alg));
    cb_json_close(out, '}');
    return cb_buf_check(out->b, err);
}

cb_status cb_jwk_thumbprint(const struct cb_sign_key *key, char out[CB_JWK_THUMBPRINT_TEXT],
                            struct cb_err *err)
{
    struct public_members m;
    CB_TRY(members_of(key, &m, err));
    char memory[1024];
    struct cb_buf b;
    cb_buf_over(&b, memory, sizeof memory);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    write_members(&m, &j);
    cb_json_close(&j, '}');
    CB_TRY(cb_buf_check(&b, err));
    uint8_t hash[SHA256_DIGEST_LENGTH];
    CB_TRY_OSSL(EVP_Digest(b.p, b.n, hash, NULL, EVP_sha256(), NULL), "SHA-256");
    cb_base64url_encode(hash, sizeof hash, out);
    out[CB_JWK_THUMBPRINT_TEXT - 1] = '\0';
    return CB_OK;
}
