/* What must pass, so that the refusals mean something. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "testlib/issuer.h"

TestSuite(accept);

Test(accept, says_what_the_token_says)
{
    struct issuer i = issuer_new();
    char *payload = test_payload(NULL, NULL);
    char *token = issuer_token(&i, NULL, NULL);
    certbound_code why = CERTBOUND_E_INTERNAL;
    certbound_claims *c =
        certbound_verify(i.verifier, token, strlen(token), test_der().p, test_der().n, NOW, &why);
    cr_assert_eq(why, CERTBOUND_OK);
    cr_assert_str_eq(certbound_claims_subject(c), "partner-a");
    cr_assert_str_eq(certbound_claims_client_id(c), "partner-a");
    cr_assert_str_eq(certbound_claims_scope(c), "accounts payments:write");
    cr_assert_str_eq(certbound_claims_jwt_id(c), "0123456789abcdef");
    cr_assert_str_eq(certbound_claims_json(c), payload);
    cr_assert_eq(certbound_claims_issued_at(c), NOW);
    cr_assert_eq(certbound_claims_expires(c), NOW + 300);
    certbound_claims_free(c);

    c = certbound_verify(i.verifier, token, strlen(token), test_der().p, test_der().n, NOW, NULL);
    cr_assert_not_null(c, "the reason may be left out");
    certbound_verifier_free(i.verifier);
    i.verifier = NULL;
    cr_assert_str_eq(certbound_claims_subject(c), "partner-a", "claims outlive their verifier");
    certbound_claims_free(c);
    free(token);
    free(payload);
    issuer_free(&i);
}

Test(accept, scope_by_whole_words)
{
    static const struct {
        const char *word;
        int has;
    } rows[] = {
        { "accounts", 1 },
        { "payments:write", 1 },
        { "payments", 0 },
        { "account", 0 },
        { "accounts ", 0 },
        { " accounts", 0 },
        { "", 0 },
        { "Accounts", 0 },
        { ":write", 0 },
        { NULL, 0 },
        { "accounts payments:write", 0 },
    };
    struct issuer i = issuer_new();
    char *token = issuer_token(&i, NULL, NULL);
    certbound_claims *c =
        certbound_verify(i.verifier, token, strlen(token), test_der().p, test_der().n, NOW, NULL);
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        cr_assert_eq(certbound_claims_has_scope(c, rows[r].word), rows[r].has, "row %zu", r);
    }
    certbound_claims_free(c);
    free(token);

    token = issuer_token(&i, "scope", NULL);
    c = certbound_verify(i.verifier, token, strlen(token), test_der().p, test_der().n, NOW, NULL);
    cr_assert_str_eq(certbound_claims_scope(c), "");
    cr_assert_eq(certbound_claims_has_scope(c, ""), 0);
    certbound_claims_free(c);
    free(token);
    issuer_free(&i);
}

Test(accept, claims_of_null_say_nothing)
{
    cr_assert_null(certbound_claims_subject(NULL));
    cr_assert_null(certbound_claims_client_id(NULL));
    cr_assert_null(certbound_claims_scope(NULL));
    cr_assert_null(certbound_claims_jwt_id(NULL));
    cr_assert_null(certbound_claims_json(NULL));
    cr_assert_eq(certbound_claims_expires(NULL), 0);
    cr_assert_eq(certbound_claims_issued_at(NULL), 0);
    cr_assert_eq(certbound_claims_has_scope(NULL, "accounts"), 0);
    certbound_claims_free(NULL);
}

Test(accept, each_algorithm)
{
    struct cb_sign_key *ps256 = NULL;
    cr_assert(!CB_FAILED(cb_sign_key_generate(CB_ALG_PS256, &ps256, NULL)));
    struct issuer i = issuer_new();
    struct cb_sign_key *keys[] = { i.es256, i.eddsa, ps256 };
    char *jwks = test_jwks(keys, CB_COUNT(keys));
    cr_assert_eq(certbound_verifier_set_jwks(i.verifier, jwks, strlen(jwks)), CERTBOUND_OK);
    char *payload = test_payload(NULL, NULL);
    for (size_t k = 0; k < CB_COUNT(keys); k++) {
        const char *alg = cb_alg_name(cb_sign_key_alg(keys[k]));
        struct cb_buf header;
        cb_buf_init(&header, 256);
        cb_buf_add_fmt(&header, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}%c", alg, alg, '\0');
        char *token = test_token(keys[k], header.p, payload);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK, "%s", alg);
        free(token);
        cb_buf_done(&header);
    }
    free(payload);
    free(jwks);
    cb_sign_key_free(ps256);
    issuer_free(&i);
}

Test(accept, other_spellings_of_the_header)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        { "typ", "\"at+JWT\"" },
        { "typ", "\"AT+JWT\"" },
        { "typ", "\"application/at+jwt\"" },
        { "typ", "\"Application/AT+jwt\"" },
        { "jku", "\"https://127.0.0.1:1/\"" },
        { "x5u", "7" },
        { "jwk", "{\"kty\":\"EC\"}" },
        { "unknown", "[]" },
    };
    struct issuer i = issuer_new();
    char *payload = test_payload(NULL, NULL);
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        char *header = test_header(rows[r].name, rows[r].value);
        char *token = test_token(i.es256, header, payload);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK, "%s", header);
        free(token);
        free(header);
    }
    free(payload);
    issuer_free(&i);
}

Test(accept, other_spellings_of_the_claims)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        { "aud", "[\"" AUDIENCE "\"]" },
        { "aud", "[\"https://other.example\",\"" AUDIENCE "\"]" },
        { "aud", "[\"" AUDIENCE "\",\"" AUDIENCE "\"]" },
        { "exp", "1800000001" },
        { "exp", "1800000001.0" },
        { "exp", "1.8000003e9" },
        { "exp", "253402300799" },
        { "iat", "0" },
        { "iat", "1800000010" },
        { "iat", "1800000009.5" },
        { "nbf", "1800000010" },
        { "nbf", "0" },
        { "scope", "\"\"" },
        { "sub", "\"\\u00e9\\ud83d\\ude00\"" },
        { "cnf", "{\"x5t#S256\":\"" X5T "\",\"other\":1}" },
        { "act", "{\"deep\":[[[[[[[[[[[[[]]]]]]]]]]]]]}" },
    };
    struct issuer i = issuer_new();
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        char *token = issuer_token(&i, rows[r].name, rows[r].value);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK, "%s %s", rows[r].name,
                     rows[r].value);
        free(token);
    }
    issuer_free(&i);
}
