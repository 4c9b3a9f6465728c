#include "cert/jwk_cert.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "jose/base64url.h"
#include "testlib/pki.h"

static struct cb_arena arena;

static void add_number(struct cb_json_out *j, const char *member, const EVP_PKEY *key, const char *param,
                       int width)
{
    BIGNUM *n = NULL;
    unsigned char bytes[1024];
    char text[2048];
    cr_assert_eq(EVP_PKEY_get_bn_param(key, param, &n), 1);
    const int len = width > 0 ? width : BN_num_bytes(n);
    cr_assert_eq(BN_bn2binpad(n, bytes, len), len);
    BN_free(n);
    cb_base64url_encode(bytes, (size_t)len, text);
    cb_json_put_str(j, member, (struct cb_str){ text, CB_BASE64URL_LEN((size_t)len) });
}

/* The JWK of a certificate's key, as a partner would register it. */
static json_t *jwk_of(const struct pki_cert *c)
{
    struct cb_buf b;
    cb_buf_init(&b, 8192);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    if (EVP_PKEY_is_a(c->key, "EC")) {
        const int width = (EVP_PKEY_get_bits(c->key) + 7) / 8;
        cb_json_put_cstr(&j, "kty", "EC");
        add_number(&j, "x", c->key, OSSL_PKEY_PARAM_EC_PUB_X, width);
        add_number(&j, "y", c->key, OSSL_PKEY_PARAM_EC_PUB_Y, width);
    } else if (EVP_PKEY_is_a(c->key, "RSA")) {
        cb_json_put_cstr(&j, "kty", "RSA");
        add_number(&j, "n", c->key, OSSL_PKEY_PARAM_RSA_N, 0);
        add_number(&j, "e", c->key, OSSL_PKEY_PARAM_RSA_E, 0);
    } else {
        unsigned char raw[32];
        size_t n = sizeof raw;
        char text[64];
        cr_assert_eq(EVP_PKEY_get_raw_public_key(c->key, raw, &n), 1);
        cb_base64url_encode(raw, n, text);
        cb_json_put_cstr(&j, "kty", "OKP");
        cb_json_put_str(&j, "x", (struct cb_str){ text, CB_BASE64URL_LEN(n) });
    }
    cb_json_close(&j, '}');
    json_t *out = NULL;
    cr_assert_not(CB_FAILED(cb_json_object(cb_buf_str(&b), &out, NULL)));
    cb_buf_done(&b);
    return out;
}

static enum cb_code match(const json_t *jwk, const struct pki_cert *c)
{
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, NULL)));
    (void)cb_jwk_is_of_cert(jwk, &cert, &err).v_;
    return err.code;
}

Test(jwk_cert, knows_the_key_of_the_certificate)
{
    static const char *const kinds[] = { "P-256", "P-384", "RSA2048", "ED25519" };
    cb_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < CB_COUNT(kinds); i++) {
        struct pki_cert *c = pki_issue(&(struct pki_spec){ .key = kinds[i] });
        struct pki_cert *other = pki_issue(&(struct pki_spec){ .key = kinds[i] });
        json_auto_t *jwk = jwk_of(c);
        cr_expect_eq(match(jwk, c), CB_E_NONE, "%s", kinds[i]);
        cr_expect_eq(match(jwk, other), CB_E_JWK, "%s", kinds[i]);
        json_object_set_new(jwk, "d", json_string("AA"));
        cr_expect_eq(match(jwk, c), CB_E_JWK, "private member");
        json_object_del(jwk, "d");
        json_object_set_new(jwk, "kty", json_string("oct"));
        cr_expect_eq(match(jwk, c), CB_E_JWK, "kty");
        json_object_del(jwk, "kty");
        cr_expect_eq(match(jwk, c), CB_E_JWK, "no kty");
        pki_free(c);
        pki_free(other);
    }
    cb_arena_done(&arena);
}

/* No CA and no trust group is asked for these: a key that others can work out proves nothing. */
Test(jwk_cert, a_weak_key_is_none)
{
    static const char *const kinds[] = { "RSA1024", "RSA2047", "P-224" };
    cb_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < CB_COUNT(kinds); i++) {
        struct pki_cert *c = pki_issue(&(struct pki_spec){ .key = kinds[i] });
        json_auto_t *jwk = jwk_of(c);
        cr_expect_eq(match(jwk, c), CB_E_CERT_WEAK, "%s", kinds[i]);
        pki_free(c);
    }
    cb_arena_done(&arena);
}

Test(jwk_cert, x5c_is_strict_base64)
{
    static const struct {
        const char *json;
        enum cb_code code;
    } rows[] = {
        { "{\"x5c\":[\"AAEC\"]}", CB_E_NONE }, { "{}", CB_E_JWK },
        { "{\"x5c\":[]}", CB_E_JWK },          { "{\"x5c\":\"AAEC\"}", CB_E_JWK },
        { "{\"x5c\":[1]}", CB_E_JWK },         { "{\"x5c\":[\"AA-C\"]}", CB_E_JWK },
        { "{\"x5c\":[\"AA\"]}", CB_E_JWK },    { "{\"x5c\":[\"AAE C\"]}", CB_E_JWK },
    };
    cb_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        json_auto_t *jwk = NULL;
        struct cb_str der = { 0 };
        struct cb_err err = { 0 };
        cr_assert_not(CB_FAILED(cb_json_object(cb_str_of(rows[i].json), &jwk, NULL)));
        (void)cb_jwk_x5c_der(&arena, jwk, &der, &err).v_;
        cr_expect_eq(err.code, rows[i].code, "row %zu", i);
    }
    cb_arena_done(&arena);
}
