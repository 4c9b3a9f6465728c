/* Each row breaks exactly one thing of a good token and expects exactly its code. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "testlib/issuer.h"

TestSuite(refuse);

struct row {
    const char *name, *value;
    certbound_code code;
};

Test(refuse, header)
{
    static const struct row rows[] = {
        { "typ", NULL, CERTBOUND_E_TYP },
        { "typ", "\"JWT\"", CERTBOUND_E_TYP },
        { "typ", "\"id+jwt\"", CERTBOUND_E_TYP },
        { "typ", "\"\"", CERTBOUND_E_TYP },
        { "typ", "\"at+jwt \"", CERTBOUND_E_TYP },
        { "typ", "\"application/application/at+jwt\"", CERTBOUND_E_TYP },
        { "typ", "7", CERTBOUND_E_TYP },
        { "alg", NULL, CERTBOUND_E_ALG },
        { "alg", "\"none\"", CERTBOUND_E_ALG },
        { "alg", "\"nOnE\"", CERTBOUND_E_ALG },
        { "alg", "\"HS256\"", CERTBOUND_E_ALG },
        { "alg", "\"RS256\"", CERTBOUND_E_ALG },
        { "alg", "\"ES384\"", CERTBOUND_E_ALG },
        { "alg", "\"es256\"", CERTBOUND_E_ALG },
        { "alg", "\"\"", CERTBOUND_E_ALG },
        { "alg", "7", CERTBOUND_E_ALG },
        { "alg", "[\"ES256\"]", CERTBOUND_E_ALG },
        { "crit", "[\"exp\"]", CERTBOUND_E_CRIT },
        { "crit", "[\"b64\"]", CERTBOUND_E_CRIT },
        { "crit", "[]", CERTBOUND_E_CRIT },
        { "crit", "null", CERTBOUND_E_CRIT },
        { "kid", NULL, CERTBOUND_E_KID_MISSING },
        { "kid", "7", CERTBOUND_E_KID_MISSING },
        { "kid", "\"\"", CERTBOUND_E_KID_UNKNOWN },
        { "kid", "\"ES25\"", CERTBOUND_E_KID_UNKNOWN },
        { "kid", "\"../../etc/passwd\"", CERTBOUND_E_KID_UNKNOWN },
        { "alg", "\"PS256\"", CERTBOUND_E_ALG_KEY },
        { "alg", "\"EdDSA\"", CERTBOUND_E_ALG_KEY },
        { "kid", "\"EdDSA\"", CERTBOUND_E_ALG_KEY },
    };
    struct issuer i = issuer_new();
    char *payload = test_payload(NULL, NULL);
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        char *header = test_header(rows[r].name, rows[r].value);
        char *token = test_token(i.es256, header, payload);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), rows[r].code, "%s", header);
        free(token);
        free(header);
    }
    free(payload);
    issuer_free(&i);
}

static const struct row claim_rows[] = {
    { "iss", NULL, CERTBOUND_E_ISSUER },
    { "iss", "7", CERTBOUND_E_ISSUER },
    { "iss", "\"https://other.example\"", CERTBOUND_E_ISSUER },
    { "iss", "\"" ISSUER "/\"", CERTBOUND_E_ISSUER },
    { "iss", "\"HTTPS://as.example\"", CERTBOUND_E_ISSUER },
    { "iss", "[\"" ISSUER "\"]", CERTBOUND_E_ISSUER },
    { "aud", NULL, CERTBOUND_E_AUDIENCE },
    { "aud", "7", CERTBOUND_E_AUDIENCE },
    { "aud", "{}", CERTBOUND_E_AUDIENCE },
    { "aud", "[]", CERTBOUND_E_AUDIENCE },
    { "aud", "\"https://other.example\"", CERTBOUND_E_AUDIENCE },
    { "aud", "\"" AUDIENCE "/\"", CERTBOUND_E_AUDIENCE },
    { "aud", "[\"https://other.example\"]", CERTBOUND_E_AUDIENCE },
    { "aud", "[\"" AUDIENCE "\",7]", CERTBOUND_E_AUDIENCE },
    { "exp", NULL, CERTBOUND_E_CLAIM_MISSING },
    { "iat", NULL, CERTBOUND_E_CLAIM_MISSING },
    { "sub", NULL, CERTBOUND_E_CLAIM_MISSING },
    { "client_id", NULL, CERTBOUND_E_CLAIM_MISSING },
    { "jti", NULL, CERTBOUND_E_CLAIM_MISSING },
    { "sub", "\"\"", CERTBOUND_E_CLAIM_MISSING },
    { "client_id", "\"\"", CERTBOUND_E_CLAIM_MISSING },
    { "jti", "\"\"", CERTBOUND_E_CLAIM_MISSING },
    { "exp", "\"1800000300\"", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "null", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "true", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "-1", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "-0.5", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "253402300800", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "9223372036854775807", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "1e300", CERTBOUND_E_CLAIM_TYPE },
    { "iat", "\"now\"", CERTBOUND_E_CLAIM_TYPE },
    { "iat", "-1", CERTBOUND_E_CLAIM_TYPE },
    { "nbf", "\"now\"", CERTBOUND_E_CLAIM_TYPE },
    { "nbf", "null", CERTBOUND_E_CLAIM_TYPE },
    { "sub", "7", CERTBOUND_E_CLAIM_TYPE },
    { "client_id", "{}", CERTBOUND_E_CLAIM_TYPE },
    { "jti", "null", CERTBOUND_E_CLAIM_TYPE },
    { "scope", "7", CERTBOUND_E_CLAIM_TYPE },
    { "scope", "[\"accounts\"]", CERTBOUND_E_CLAIM_TYPE },
    { "exp", "1800000000", CERTBOUND_E_EXPIRED },
    { "exp", "1800000000.9", CERTBOUND_E_EXPIRED },
    { "exp", "1", CERTBOUND_E_EXPIRED },
    { "iat", "1800000011", CERTBOUND_E_ISSUED_IN_FUTURE },
    { "iat", "1800000010.1", CERTBOUND_E_ISSUED_IN_FUTURE },
    { "iat", "1800000061", CERTBOUND_E_ISSUED_IN_FUTURE },
    { "nbf", "1800000011", CERTBOUND_E_NOT_YET_VALID },
    { "nbf", "1800000061", CERTBOUND_E_NOT_YET_VALID },
    { "exp", "99999999999999999999", CERTBOUND_E_CLAIMS },
    { "exp", "1e999", CERTBOUND_E_CLAIMS },
    { "sub", "\"a\\u0000b\"", CERTBOUND_E_CLAIMS },
    { "sub", "\"\xff\"", CERTBOUND_E_CLAIMS },
    { "sub", "\"\\ud800\"", CERTBOUND_E_CLAIMS },
    { "sub", "\"a\",\"sub\":\"b\"", CERTBOUND_E_CLAIMS },
    { "cnf", CNF ",\"cnf\":" CNF, CERTBOUND_E_CLAIMS },
    { "cnf", "{\"x5t#S256\":\"" X5T "\",\"x5t#S256\":\"" X5T "\"}", CERTBOUND_E_CLAIMS },
    { "deep", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", CERTBOUND_E_CLAIMS },
};

Test(refuse, claims)
{
    struct issuer i = issuer_new();
    for (size_t r = 0; r < CB_COUNT(claim_rows); r++) {
        char *token = issuer_token(&i, claim_rows[r].name, claim_rows[r].value);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), claim_rows[r].code, "%s %s",
                     claim_rows[r].name, claim_rows[r].value == NULL ? "absent" : claim_rows[r].value);
        free(token);
    }
    issuer_free(&i);
}

Test(refuse, header_and_payload_that_are_no_object)
{
    static const char *const texts[] = { "",  "null", "[]",         "\"x\"",         "7",
                                         "{", "{}{}", "{\"a\":1}x", "\xef\xbb\xbf{}" };
    struct issuer i = issuer_new();
    char *header = test_header(NULL, NULL);
    char *payload = test_payload(NULL, NULL);
    for (size_t r = 0; r < CB_COUNT(texts); r++) {
        char *token = test_token(i.es256, texts[r], payload);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_HEADER, "%s", texts[r]);
        free(token);
        token = test_token(i.es256, header, texts[r]);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_CLAIMS, "%s", texts[r]);
        free(token);
    }
    char *token = test_token(
        i.es256, "{\"alg\":\"none\",\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"ES256\"}", payload);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_HEADER);
    free(token);
    free(header);
    free(payload);
    issuer_free(&i);
}

Test(refuse, shape)
{
    struct issuer i = issuer_new();
    char *good = issuer_token(&i, NULL, NULL);
    const size_t n = strlen(good);
    const size_t dot = (size_t)(strrchr(good, '.') - good);
    const struct {
        const char *before;
        size_t keep;
        const char *behind;
        certbound_code code;
    } rows[] = {
        { "", n - 1, "", CERTBOUND_E_TOKEN_MALFORMED },
        { "", n - 2, "", CERTBOUND_E_SIGNATURE }, /* one byte less */
        { "", n, "=", CERTBOUND_E_TOKEN_MALFORMED },
        { "", n, " ", CERTBOUND_E_TOKEN_MALFORMED },
        { "", n, "\n", CERTBOUND_E_TOKEN_MALFORMED },
        { "", n, ".", CERTBOUND_E_TOKEN_MALFORMED },
        { " ", n, "", CERTBOUND_E_TOKEN_MALFORMED },
        { ".", n, "", CERTBOUND_E_TOKEN_MALFORMED },
        { "", n, ".AAAA.AAAA", CERTBOUND_E_TOKEN_MALFORMED }, /* five parts: a JWE */
        { "", dot, "", CERTBOUND_E_TOKEN_MALFORMED },
        { "", dot + 1, "", CERTBOUND_E_SIGNATURE },
        { "", 1, "", CERTBOUND_E_TOKEN_MALFORMED },
        { "..", 0, "", CERTBOUND_E_HEADER },
    };
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        struct cb_buf b;
        cb_buf_init(&b, CB_MIB);
        cb_buf_add_cstr(&b, rows[r].before);
        cb_buf_add(&b, good, rows[r].keep);
        cb_buf_add_cstr(&b, rows[r].behind);
        cb_buf_add_char(&b, '\0');
        cr_assert_eq(verdict(i.verifier, b.p, test_der(), NOW), rows[r].code, "row %zu", r);
        cb_buf_done(&b);
    }
    certbound_code why = CERTBOUND_OK;
    cr_assert_null(certbound_verify(i.verifier, good, n + 1, test_der().p, test_der().n, NOW, &why));
    cr_assert_eq(why, CERTBOUND_E_TOKEN_MALFORMED, "a NUL behind");
    free(good);
    issuer_free(&i);
}

Test(refuse, size)
{
    struct issuer i = issuer_new();
    char *big = calloc(1, CB_MIB + 1);
    memset(big, 'A', CB_LIMIT_JWS);
    cr_assert_eq(verdict(i.verifier, big, test_der(), NOW), CERTBOUND_E_TOKEN_MALFORMED);
    memset(big, 'A', CB_LIMIT_JWS + 1);
    cr_assert_eq(verdict(i.verifier, big, test_der(), NOW), CERTBOUND_E_TOKEN_TOO_LARGE);
    memset(big, 'A', CB_MIB);
    cr_assert_eq(verdict(i.verifier, big, test_der(), NOW), CERTBOUND_E_TOKEN_TOO_LARGE);
    free(big);
    issuer_free(&i);
}

Test(refuse, signatures_by_others)
{
    struct issuer i = issuer_new();
    struct issuer other = issuer_new();
    char *header = test_header(NULL, NULL);
    char *payload = test_payload(NULL, NULL);
    char *token = test_token(other.es256, header, payload);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_SIGNATURE);
    free(token);

    char *own = issuer_token(&i, NULL, NULL);
    char *changed = issuer_token(&i, "sub", "\"partner-b\"");
    struct cb_buf b;
    cb_buf_init(&b, CB_MIB);
    cb_buf_add(&b, changed, (size_t)(strrchr(changed, '.') - changed));
    cb_buf_add_cstr(&b, strrchr(own, '.'));
    cb_buf_add_char(&b, '\0');
    cr_assert_eq(verdict(i.verifier, b.p, test_der(), NOW), CERTBOUND_E_SIGNATURE,
                 "a signature of another token");
    cb_buf_done(&b);

    /* R = S = 0: accepted by verifiers that skip the range check (CVE-2022-21449) */
    uint8_t zero[64] = { 0 };
    cb_buf_init(&b, CB_MIB);
    cb_buf_add(&b, own, (size_t)(strrchr(own, '.') - own) + 1);
    cb_base64url_add(&b, zero, sizeof zero);
    cb_buf_add_char(&b, '\0');
    cr_assert_eq(verdict(i.verifier, b.p, test_der(), NOW), CERTBOUND_E_SIGNATURE, "zero signature");
    cb_buf_done(&b);

    free(own);
    free(changed);
    free(header);
    free(payload);
    issuer_free(&i);
    issuer_free(&other);
}

Test(refuse, arguments)
{
    struct issuer i = issuer_new();
    char *good = issuer_token(&i, NULL, NULL);
    cr_assert_eq(verdict(NULL, good, test_der(), NOW), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(verdict(i.verifier, good, test_der(), -1), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(verdict(i.verifier, good, test_der(), INT64_MAX), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(verdict(i.verifier, good, test_der(), 253402300799), CERTBOUND_E_EXPIRED);
    cr_assert_eq(verdict(i.verifier, NULL, test_der(), NOW), CERTBOUND_E_TOKEN_MISSING);
    cr_assert_eq(verdict(i.verifier, "", test_der(), NOW), CERTBOUND_E_TOKEN_MISSING);
    cr_assert_eq(verdict(i.verifier, good, test_der(), NOW), CERTBOUND_OK);
    free(good);
    issuer_free(&i);
}

Test(refuse, until_it_is_configured)
{
    struct issuer i = issuer_new();
    char *token = issuer_token(&i, NULL, NULL);
    char *jwks = test_jwks(&i.es256, 1);
    certbound_verifier *v = certbound_verifier_new();
    cr_assert_eq(verdict(v, token, test_der(), NOW), CERTBOUND_E_NOT_CONFIGURED);
    cr_assert_eq(certbound_verifier_set_issuer(v, ISSUER), CERTBOUND_OK);
    cr_assert_eq(verdict(v, token, test_der(), NOW), CERTBOUND_E_NOT_CONFIGURED);
    cr_assert_eq(certbound_verifier_set_audience(v, AUDIENCE), CERTBOUND_OK);
    cr_assert_eq(verdict(v, token, test_der(), NOW), CERTBOUND_E_NO_KEYS);
    cr_assert_eq(certbound_verifier_set_jwks(v, "{}", 2), CERTBOUND_E_JWKS);
    cr_assert_eq(verdict(v, token, test_der(), NOW), CERTBOUND_E_NO_KEYS);
    cr_assert_eq(certbound_verifier_set_jwks(v, jwks, strlen(jwks)), CERTBOUND_OK);
    cr_assert_eq(verdict(v, token, test_der(), NOW), CERTBOUND_OK);
    certbound_verifier_free(v);
    free(jwks);
    free(token);
    issuer_free(&i);
}

/* What libjwt 1.10 accepts: an HMAC whose secret is the public key, which everybody has. */
Test(refuse, hmac_with_the_public_key)
{
    struct issuer i = issuer_new();
    struct cb_buf secret, token;
    cb_buf_init(&secret, 4096);
    cb_buf_init(&token, CB_MIB);
    cr_assert(!CB_FAILED(cb_sign_key_public_pem(i.es256, &secret, NULL)));
    char *header = test_header("alg", "\"HS256\"");
    char *payload = test_payload(NULL, NULL);
    cb_base64url_add(&token, header, strlen(header));
    cb_buf_add_char(&token, '.');
    cb_base64url_add(&token, payload, strlen(payload));
    uint8_t mac[32];
    size_t n = 0;
    cr_assert_not_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret.p, secret.n,
                                 (const uint8_t *)token.p, token.n, mac, sizeof mac, &n));
    cb_buf_add_char(&token, '.');
    cb_base64url_add(&token, mac, n);
    cb_buf_add_char(&token, '\0');
    cr_assert_eq(verdict(i.verifier, token.p, test_der(), NOW), CERTBOUND_E_ALG);
    free(header);
    free(payload);
    cb_buf_done(&secret);
    cb_buf_done(&token);
    issuer_free(&i);
}
