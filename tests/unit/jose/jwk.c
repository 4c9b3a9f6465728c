#include "jose/jwk.h"

#include <criterion/criterion.h>

#include "jose/base64url.h"
#include "jose/keyop.h"
#include "vectors.h"

TestSuite(jwk);

#define EC_MEMBERS  "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\""
#define RSA_MEMBERS "\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\""
#define OKP_MEMBERS "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED25519_X "\""

static enum cb_code read_key(const char *text, struct cb_verify_key **out)
{
    struct cb_err err = { 0 };
    json_auto_t *jwk = NULL;
    cr_assert(!CB_FAILED(cb_json_object(cb_str_of(text), &jwk, &err)), "%s", text);
    return CB_FAILED(cb_jwk_public(jwk, out, &err)) ? err.code : CB_E_NONE;
}

Test(jwk, accepts_each_kind_of_key)
{
    static const struct {
        const char *text;
        enum cb_alg alg;
    } rows[] = {
        { "{" EC_MEMBERS "}", CB_ALG_ES256 },
        { "{" EC_MEMBERS ",\"alg\":\"ES256\",\"use\":\"sig\",\"kid\":\"k\"}", CB_ALG_ES256 },
        { "{" EC_MEMBERS ",\"key_ops\":[\"verify\"],\"unknown\":{}}", CB_ALG_ES256 },
        { "{" RSA_MEMBERS ",\"alg\":\"PS256\"}", CB_ALG_PS256 },
        { "{" RSA_MEMBERS "}", CB_ALG_PS256 },
        { "{" OKP_MEMBERS ",\"alg\":\"EdDSA\"}", CB_ALG_EDDSA },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_verify_key *k = NULL;
        cr_assert_eq(read_key(rows[i].text, &k), CB_E_NONE, "%s", rows[i].text);
        cr_assert_eq(cb_verify_key_alg(k), rows[i].alg);
        cb_verify_key_free(k);
    }
}

Test(jwk, refuses_what_is_not_ours_or_not_right)
{
    static const char *const rows[] = {
        "{}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"ec\",\"crv\":\"P-256\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\"}",
        "{\"kty\":[\"EC\"],\"crv\":\"P-256\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\"}",
        /* another algorithm, use or operation */
        RFC7517_EC,
        "{" EC_MEMBERS ",\"alg\":\"ES384\"}",
        "{" EC_MEMBERS ",\"alg\":\"HS256\"}",
        "{" EC_MEMBERS ",\"alg\":null}",
        "{" RSA_MEMBERS ",\"alg\":\"RS256\"}",
        "{" EC_MEMBERS ",\"use\":\"enc\"}",
        "{" EC_MEMBERS ",\"use\":7}",
        "{" EC_MEMBERS ",\"key_ops\":[]}",
        "{" EC_MEMBERS ",\"key_ops\":[\"sign\"]}",
        "{" EC_MEMBERS ",\"key_ops\":[\"verify\",7]}",
        "{" EC_MEMBERS ",\"key_ops\":\"verify\"}",
        /* private members */
        "{" OKP_MEMBERS ",\"d\":\"" ED25519_D "\"}",
        "{" RSA_MEMBERS ",\"p\":\"AQAB\"}",
        "{" EC_MEMBERS ",\"k\":null}",
        /* curves and points */
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ES256_JWK_Y "\",\"y\":\"" ES256_JWK_X "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ES256_JWK_X "=\",\"y\":\"" ES256_JWK_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV\",\"y\":"
        "\"" ES256_JWK_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ES256_JWK_X "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":7,\"y\":\"" ES256_JWK_Y "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED25519_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ED25519_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}",
        /* RSA numbers: exponent 3, even, zero in front; a modulus too short or with a zero in front */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"Aw\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAA\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AAEAAQ\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"AA" RSA_N "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_verify_key *k = NULL;
        cr_assert_eq(read_key(rows[i], &k), CB_E_JWK, "%s", rows[i]);
        cr_assert_null(k);
    }
}

static enum cb_code rsa_of_bytes(size_t bytes)
{
    uint8_t n[1024];
    memset(n, 0xff, sizeof n);
    char n64[CB_BASE64URL_LEN(sizeof n)];
    cb_base64url_encode(n, bytes, n64);
    char text[2048];
    (void)snprintf(text, sizeof text, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%.*s\"}",
                   (int)CB_BASE64URL_LEN(bytes), n64);
    struct cb_verify_key *k = NULL;
    const enum cb_code code = read_key(text, &k);
    cb_verify_key_free(k);
    return code;
}

Test(jwk, rsa_modulus_has_bounds)
{
    cr_assert_eq(rsa_of_bytes(255), CB_E_JWK);
    cr_assert_eq(rsa_of_bytes(513), CB_E_JWK);
    cr_assert_eq(rsa_of_bytes(1024), CB_E_JWK);
}

/* A signing key's view of a public key: the writer looks at nothing else. */
static void assert_thumbprint(const char *text, const char *expected)
{
    struct cb_verify_key *k = NULL;
    cr_assert_eq(read_key(text, &k), CB_E_NONE);
    const struct cb_sign_key view = { .op = k->op };
    char thumbprint[CB_JWK_THUMBPRINT_TEXT];
    cr_assert(!CB_FAILED(cb_jwk_thumbprint(&view, thumbprint, NULL)));
    cr_assert_str_eq(thumbprint, expected);
    cb_verify_key_free(k);
}

/* RFC 7638 section 3.1, RFC 8037 appendix A.3 */
Test(jwk, thumbprints_of_the_rfcs)
{
    assert_thumbprint("{" RSA_MEMBERS ",\"alg\":\"PS256\",\"kid\":\"2011-04-29\"}", RSA_THUMBPRINT);
    assert_thumbprint("{" OKP_MEMBERS "}", ED25519_THUMBPRINT);
    assert_thumbprint("{" EC_MEMBERS "}", "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

Test(jwk, written_members_stand_in_order)
{
    struct cb_verify_key *k = NULL;
    cr_assert_eq(read_key("{" EC_MEMBERS "}", &k), CB_E_NONE);
    const struct cb_sign_key view = { .op = k->op };
    struct cb_buf b;
    cb_buf_init(&b, 1024);
    struct cb_json_out j = cb_json_out(&b);
    cr_assert(!CB_FAILED(cb_jwk_write(&view, CB_STR("a\"b"), &j, NULL)));
    static const char expected[] =
        "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y
        "\",\"kid\":\"a\\\"b\",\"use\":\"sig\",\"alg\":\"ES256\"}";
    cr_assert(cb_str_is(cb_buf_str(&b), expected), "%.*s", CB_STR_ARG(cb_buf_str(&b)));
    cb_buf_done(&b);
    cb_verify_key_free(k);
}

Test(jwk, what_is_written_can_be_read)
{
    for (enum cb_alg alg = CB_ALG_NONE + 1; alg < CB_ALG__MAX; alg++) {
        struct cb_sign_key *sk = NULL;
        cr_assert(!CB_FAILED(cb_sign_key_generate(alg, &sk, NULL)));
        struct cb_buf b;
        cb_buf_init(&b, 2048);
        struct cb_json_out j = cb_json_out(&b);
        cr_assert(!CB_FAILED(cb_jwk_write(sk, CB_STR("kid"), &j, NULL)));
        cb_buf_add_char(&b, '\0');
        struct cb_verify_key *vk = NULL;
        cr_assert_eq(read_key(b.p, &vk), CB_E_NONE);
        cr_assert_eq(cb_verify_key_alg(vk), alg);

        uint8_t sig[CB_SIGNATURE_MAX];
        size_t n = 0;
        cr_assert(!CB_FAILED(cb_sign(sk, CB_STR("message"), sig, &n, NULL)));
        cr_assert(!CB_FAILED(cb_verify(vk, CB_STR("message"), (struct cb_str){ (char *)sig, n }, NULL)));
        cb_verify_key_free(vk);
        cb_sign_key_free(sk);
        cb_buf_done(&b);
    }
}
