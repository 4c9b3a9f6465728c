#include "jwks.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/json_out.h"
#include "jose/base64url.h"
#include "testlib/pki.h"

static void put_number(struct cb_json_out *j, const char *member, const EVP_PKEY *key, const char *param)
{
    BIGNUM *n = NULL;
    unsigned char bytes[32];
    char text[64];
    cr_assert_eq(EVP_PKEY_get_bn_param(key, param, &n), 1);
    cr_assert_eq(BN_bn2binpad(n, bytes, sizeof bytes), (int)sizeof bytes);
    BN_free(n);
    cb_base64url_encode(bytes, sizeof bytes, text);
    cb_json_put_str(j, member, (struct cb_str){ text, CB_BASE64URL_LEN(sizeof bytes) });
}

static void put_key(struct cb_json_out *j, const struct pki_cert *key, const struct pki_cert *cert)
{
    unsigned char text[4096];
    const int n = EVP_EncodeBlock(text, cert->der, cert->der_n);
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "kty", "EC");
    cb_json_put_cstr(j, "crv", "P-256");
    put_number(j, "x", key->key, OSSL_PKEY_PARAM_EC_PUB_X);
    put_number(j, "y", key->key, OSSL_PKEY_PARAM_EC_PUB_Y);
    cb_json_key(j, "x5c");
    cb_json_open(j, '[');
    cb_json_str(j, (struct cb_str){ (const char *)text, (size_t)n });
    cb_json_close(j, ']');
    cb_json_close(j, '}');
}

char *test_jwks(size_t count, const char *how)
{
    struct pki_cert *certs[8] = { 0 };
    struct cb_buf b;
    cb_buf_init(&b, 1 << 18);
    struct cb_json_out j = cb_json_out(&b);
    for (size_t i = 0; i < count; i++) {
        certs[i] = pki_issue(&(struct pki_spec){ 0 });
    }
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < count; i++) {
        put_key(&j, certs[i], certs[how == NULL ? i : (i + 1) % count]);
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    char *out = strndup(b.p, b.n);
    for (size_t i = 0; i < count; i++) {
        pki_free(certs[i]);
    }
    cb_buf_done(&b);
    return out;
}
