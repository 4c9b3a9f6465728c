#include "cert/jwk_cert.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/ct.h"
#include "base/limits.h"
#include "cert/key_strength.h"
#include "jose/base64url.h"
#include "jose/jwk.h"

enum { NUMBER_MAX = 1024 }; /* bytes of the longest number: RSA-8192 */

cb_status cb_jwk_x5c_der(struct cb_arena *a, const json_t *jwk, struct cb_str *out_der, struct cb_err *err)
{
    const json_t *first = json_array_get(json_object_get(jwk, "x5c"), 0);
    CB_ENSURE(json_is_string(first), CB_E_JWK, "x5c with the certificate is missing");
    const struct cb_str text = { json_string_value(first), json_string_length(first) };
    CB_ENSURE(text.n <= CB_LIMIT_CERTIFICATE * 4 / 3 + 4, CB_E_JWK,
              "x5c certificate is larger than %zu bytes", CB_LIMIT_CERTIFICATE);
    uint8_t *der = cb_arena_alloc(a, text.n);
    CB_ENSURE(der != NULL, CB_E_MEMORY, "x5c");
    size_t n = 0;
    CB_ENSURE(!CB_FAILED(cb_base64_decode(text, der, text.n, &n, NULL)), CB_E_JWK,
              "x5c is not standard base64 with padding");
    *out_der = (struct cb_str){ (const char *)der, n };
    return CB_OK;
}

/* One number of the key as the certificate has it: big-endian, without leading zeros unless the length is
 * fixed. */
typedef cb_status (*number_fn)(const EVP_PKEY *key, uint8_t out[NUMBER_MAX], size_t *out_n,
                               struct cb_err *err);

static cb_status big_number(const EVP_PKEY *key, const char *name, int width, uint8_t out[NUMBER_MAX],
                            size_t *out_n, struct cb_err *err)
{
    BIGNUM *n = NULL;
    CB_TRY_OSSL(EVP_PKEY_get_bn_param(key, name, &n), "public number of the certificate's key");
    const int need = width > 0 ? width : BN_num_bytes(n);
    const int wrote = need <= NUMBER_MAX ? BN_bn2binpad(n, out, need) : -1;
    BN_free(n);
    CB_ENSURE(wrote == need, CB_E_JWK, "the certificate's key is larger than this server accepts");
    *out_n = (size_t)need;
    return CB_OK;
}

static int coordinate_width(const EVP_PKEY *key)
{
    return (EVP_PKEY_get_bits(key) + 7) / 8;
}

static cb_status ec_x(const EVP_PKEY *key, uint8_t out[NUMBER_MAX], size_t *out_n, struct cb_err *err)
{
    return big_number(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_width(key), out, out_n, err);
}

static cb_status ec_y(const EVP_PKEY *key, uint8_t out[NUMBER_MAX], size_t *out_n, struct cb_err *err)
{
    return big_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_width(key), out, out_n, err);
}

static cb_status rsa_n(const EVP_PKEY *key, uint8_t out[NUMBER_MAX], size_t *out_n, struct cb_err *err)
{
    return big_number(key, OSSL_PKEY_PARAM_RSA_N, 0, out, out_n, err);
}

static cb_status rsa_e(const EVP_PKEY *key, uint8_t out[NUMBER_MAX], size_t *out_n, struct cb_err *err)
{
    return big_number(key, OSSL_PKEY_PARAM_RSA_E, 0, out, out_n, err);
}

static cb_status okp_x(const EVP_PKEY *key, uint8_t out[NUMBER_MAX], size_t *out_n, struct cb_err *err)
{
    *out_n = NUMBER_MAX;
    CB_TRY_OSSL(EVP_PKEY_get_raw_public_key(key, out, out_n), "public key of the certificate");
    return CB_OK;
}

static const struct key_kind {
    const char *evp_name;
    const char *kty;
    struct {
        const char *member;
        number_fn of;
    } numbers[2];
} kinds[] = {
    { "EC", "EC", { { "x", ec_x }, { "y", ec_y } } },
    { "RSA", "RSA", { { "n", rsa_n }, { "e", rsa_e } } },
    { "ED25519", "OKP", { { "x", okp_x } } },
};

static cb_status same_number(const json_t *jwk, const char *member, number_fn of, const EVP_PKEY *key,
                             struct cb_err *err)
{
    uint8_t ours[NUMBER_MAX], theirs[NUMBER_MAX];
    size_t ours_n = 0, theirs_n = 0;
    struct cb_str text = { 0 };
    CB_TRY(of(key, ours, &ours_n, err));
    CB_ENSURE(cb_json_get_str(jwk, member, &text) &&
                  !CB_FAILED(cb_base64url_decode(text, theirs, sizeof theirs, &theirs_n, NULL)),
              CB_E_JWK, "member %s is missing or not base64url", member);
    CB_ENSURE(cb_ct_eq(ours, ours_n, theirs, theirs_n), CB_E_JWK,
              "member %s is not that of the key in the x5c certificate", member);
    return CB_OK;
}

static void free_key(EVP_PKEY **k)
{
    EVP_PKEY_free(*k);
}

cb_status cb_jwk_is_of_cert(const json_t *jwk, const struct cb_cert *cert, struct cb_err *err)
{
    const char *member = cb_jwk_private_member(jwk);
    CB_ENSURE(member == NULL, CB_E_JWK,
              "member %s is private: register public keys only, and replace this key", member);
    const unsigned char *p = (const unsigned char *)cert->public_key.p;
    CB_AUTO(free_key) EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)cert->public_key.n);
    ERR_clear_error();
    struct cb_str kty = { 0 };
    for (size_t i = 0; key != NULL && cb_json_get_str(jwk, "kty", &kty) && i < CB_COUNT(kinds); i++) {
        if (!EVP_PKEY_is_a(key, kinds[i].evp_name)) {
            continue;
        }
        CB_ENSURE(cb_str_is(kty, kinds[i].kty), CB_E_JWK,
                  "kty is not that of the key in the x5c certificate");
        for (size_t k = 0; k < CB_COUNT(kinds[i].numbers) && kinds[i].numbers[k].member != NULL; k++) {
            CB_TRY(same_number(jwk, kinds[i].numbers[k].member, kinds[i].numbers[k].of, key, err));
        }
        return cb_key_check_strength(key, &(struct cb_key_minimum){ 0 }, err);
    }
    CB_REFUSE(CB_E_JWK, "kty is missing, or the certificate's key is none of EC, RSA, Ed25519");
}
