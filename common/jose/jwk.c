#include "jose/jwk.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/ecdsa.h"
#include "jose/keyop.h"

enum { RSA_N_MIN = 256, RSA_N_MAX = 512, RSA_E_MAX = 8, ED25519_BYTES = 32, EC_POINT_BYTES = 65 };

static void pkey_free(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}

static void pkey_ctx_free(EVP_PKEY_CTX **p)
{
    EVP_PKEY_CTX_free(*p);
}

static void params_free(OSSL_PARAM **p)
{
    OSSL_PARAM_free(*p);
}

static void builder_free(OSSL_PARAM_BLD **p)
{
    OSSL_PARAM_BLD_free(*p);
}

static void bn_free(BIGNUM **p)
{
    BN_free(*p);
}

/* One number of a key: 32 bytes for a curve, up to 4096 bits for RSA. */
struct number {
    uint8_t b[RSA_N_MAX];
    size_t n;
};

static cb_status read_number(const json_t *jwk, const char *name, size_t min, size_t max, struct number *out,
                             struct cb_err *err)
{
    struct cb_str text;
    CB_ENSURE(cb_json_get_str(jwk, name, &text), CB_E_JWK, "JWK without the string \"%s\"", name);
    CB_ENSURE(!CB_FAILED(cb_base64url_decode(text, out->b, max, &out->n, NULL)) && out->n >= min, CB_E_JWK,
              "JWK member \"%s\" is not base64url of %zu to %zu bytes", name, min, max);
    return CB_OK;
}

static cb_status pkey_of(const char *type, OSSL_PARAM *params, EVP_PKEY **out, struct cb_err *err)
{
    CB_AUTO(pkey_ctx_free) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    CB_ENSURE(ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1, CB_E_CRYPTO, "%s key", type);
    CB_ENSURE(EVP_PKEY_fromdata(ctx, out, EVP_PKEY_PUBLIC_KEY, params) == 1, CB_E_JWK,
              "the numbers of the %s JWK are not a key", type);
    return CB_OK;
}

/* RFC 7518 section 6.2.1: both coordinates at full length. */
static cb_status read_ec(const json_t *jwk, EVP_PKEY **out, struct cb_err *err)
{
    struct cb_str curve;
    CB_ENSURE(cb_json_get_str(jwk, "crv", &curve) && cb_str_is(curve, "P-256"), CB_E_JWK,
              "EC JWK of a curve other than P-256");
    struct number x, y;
    CB_TRY(read_number(jwk, "x", CB_P256_BYTES, CB_P256_BYTES, &x, err));
    CB_TRY(read_number(jwk, "y", CB_P256_BYTES, CB_P256_BYTES, &y, err));
    uint8_t point[EC_POINT_BYTES] = { 0x04 }; /* uncompressed */
    memcpy(point + 1, x.b, CB_P256_BYTES);
    memcpy(point + 1 + CB_P256_BYTES, y.b, CB_P256_BYTES);
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    return pkey_of("EC", params, out, err);
}

/* RFC 7518 section 6.3.1: no leading zero octet, so that one number has one text. */
static cb_status read_rsa(const json_t *jwk, EVP_PKEY **out, struct cb_err *err)
{
    struct number n, e;
    CB_TRY(read_number(jwk, "n", RSA_N_MIN, RSA_N_MAX, &n, err));
    CB_TRY(read_number(jwk, "e", 3, RSA_E_MAX, &e, err));
    CB_ENSURE(n.b[0] != 0 && e.b[0] != 0, CB_E_JWK, "RSA JWK with a leading zero");
    CB_ENSURE((e.b[e.n - 1] & 1) != 0, CB_E_JWK, "RSA JWK with an even exponent");

    CB_AUTO(bn_free) BIGNUM *bn_n = BN_bin2bn(n.b, (int)n.n, NULL);
    CB_AUTO(bn_free) BIGNUM *bn_e = BN_bin2bn(e.b, (int)e.n, NULL);
    CB_AUTO(builder_free) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    CB_ENSURE(bn_n != NULL && bn_e != NULL && builder != NULL &&
                  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, bn_n) == 1 &&
                  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, bn_e) == 1,
              CB_E_MEMORY, "RSA key");
    CB_AUTO(params_free) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    CB_ENSURE(params != NULL, CB_E_MEMORY, "RSA key");
    return pkey_of("RSA", params, out, err);
}

/* RFC 8037 section 2 */
static cb_status read_okp(const json_t *jwk, EVP_PKEY **out, struct cb_err *err)
{
    struct cb_str curve;
    CB_ENSURE(cb_json_get_str(jwk, "crv", &curve) && cb_str_is(curve, "Ed25519"), CB_E_JWK,
              "OKP JWK of a curve other than Ed25519");
    struct number x;
    CB_TRY(read_number(jwk, "x", ED25519_BYTES, ED25519_BYTES, &x, err));
    *out = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x.b, x.n);
    CB_ENSURE(*out != NULL, CB_E_JWK, "the number of the OKP JWK is not a key");
    return CB_OK;
}

/* One algorithm for each type of key: RFC 8725 section 3.1. */
static const struct kty {
    const char *name;
    enum cb_alg alg;
    cb_status (*read)(const json_t *jwk, EVP_PKEY **out, struct cb_err *err);
} ktys[] = {
    { "EC", CB_ALG_ES256, read_ec },
    { "RSA", CB_ALG_PS256, read_rsa },
    { "OKP", CB_ALG_EDDSA, read_okp },
};

static const struct kty *kty_of(const json_t *jwk)
{
    struct cb_str name;
    for (size_t i = 0; cb_json_get_str(jwk, "kty", &name) && i < CB_COUNT(ktys); i++) {
        if (cb_str_is(name, ktys[i].name)) {
            return &ktys[i];
        }
    }
    return NULL;
}

/* Absent, or exactly this string. */
static bool absent_or(const json_t *jwk, const char *member, const char *value)
{
    struct cb_str s;
    return json_object_get(jwk, member) == NULL || (cb_json_get_str(jwk, member, &s) && cb_str_is(s, value));
}

/* RFC 7517 section 4.3 */
static bool may_verify(const json_t *jwk)
{
    const json_t *ops = json_object_get(jwk, "key_ops");
    if (ops == NULL) {
        return true;
    }
    bool found = false;
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const json_t *op = json_array_get(ops, i);
        if (!json_is_string(op)) {
            return false;
        }
        const struct cb_str s = { json_string_value(op), json_string_length(op) };
        found = found || cb_str_is(s, "verify");
    }
    return found;
}

const char *cb_jwk_private_member(const json_t *jwk)
{
    static const char *const members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
    for (size_t i = 0; i < CB_COUNT(members); i++) {
        if (json_object_get(jwk, members[i]) != NULL) {
            return members[i];
        }
    }
    return NULL;
}

static cb_status read_public(const json_t *jwk, struct cb_verify_key **out, struct cb_err *err)
{
    CB_ENSURE(json_is_object(jwk), CB_E_JWK, "JWK is not an object");
    const struct kty *kty = kty_of(jwk);
    CB_ENSURE(kty != NULL, CB_E_JWK, "JWK of an unknown kty");
    CB_ENSURE(absent_or(jwk, "alg", cb_alg_name(kty->alg)), CB_E_JWK, "JWK whose alg is not %s",
              cb_alg_name(kty->alg));
    CB_ENSURE(absent_or(jwk, "use", "sig"), CB_E_JWK, "JWK whose use is not sig");
    CB_ENSURE(may_verify(jwk), CB_E_JWK, "JWK whose key_ops lack verify");
    CB_ENSURE(cb_jwk_private_member(jwk) == NULL, CB_E_JWK, "JWK with a private member");

    CB_AUTO(pkey_free) EVP_PKEY *pkey = NULL;
    CB_TRY(kty->read(jwk, &pkey, err));
    CB_AUTO(pkey_ctx_free) EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    CB_ENSURE(check != NULL, CB_E_MEMORY, "JWK check");
    CB_ENSURE(EVP_PKEY_public_check(check) == 1, CB_E_JWK, "JWK is not a valid public key");
    return cb_verify_key_from_pkey(pkey, kty->alg, out, err);
}

cb_status cb_jwk_public(const json_t *jwk, struct cb_verify_key **out, struct cb_err *err)
{
    ERR_set_mark(); /* a bad key from outside is no error of this thread's OpenSSL */
    const cb_status done = read_public(jwk, out, err);
    ERR_pop_to_mark();
    return done;
}
