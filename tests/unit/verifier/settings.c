/* The setters: ranges at N and N+1, what a failed one leaves, and what a good one forgets. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "testlib/issuer.h"

TestSuite(settings);

static void name_has_1_to_512_bytes(certbound_code (*set)(certbound_verifier *, const char *))
{
    char name[514];
    memset(name, 'x', sizeof name);
    certbound_verifier *v = certbound_verifier_new();
    name[513] = '\0';
    cr_assert_eq(set(v, name), CERTBOUND_E_ARGUMENT);
    name[512] = '\0';
    cr_assert_eq(set(v, name), CERTBOUND_OK);
    cr_assert_eq(set(v, ""), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(set(v, NULL), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(set(NULL, "x"), CERTBOUND_E_ARGUMENT);
    certbound_verifier_free(v);
}

Test(settings, names)
{
    name_has_1_to_512_bytes(certbound_verifier_set_issuer);
    name_has_1_to_512_bytes(certbound_verifier_set_audience);
}

Test(settings, clock_skew_is_0_to_60)
{
    struct issuer i = issuer_new();
    char *ahead_60 = issuer_token(&i, "iat", "1800000060");
    char *ahead_61 = issuer_token(&i, "nbf", "1800000061");
    char *ahead_1 = issuer_token(&i, "iat", "1800000001");
    cr_assert_eq(certbound_verifier_set_clock_skew(NULL, 0), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(certbound_verifier_set_clock_skew(i.verifier, -1), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(certbound_verifier_set_clock_skew(i.verifier, 61), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(verdict(i.verifier, ahead_60, test_der(), NOW), CERTBOUND_E_ISSUED_IN_FUTURE);
    cr_assert_eq(certbound_verifier_set_clock_skew(i.verifier, 60), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, ahead_60, test_der(), NOW), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, ahead_61, test_der(), NOW), CERTBOUND_E_NOT_YET_VALID);
    cr_assert_eq(verdict(i.verifier, ahead_1, test_der(), NOW), CERTBOUND_OK);
    cr_assert_eq(certbound_verifier_set_clock_skew(i.verifier, 0), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, ahead_60, test_der(), NOW), CERTBOUND_E_ISSUED_IN_FUTURE);
    cr_assert_eq(verdict(i.verifier, ahead_1, test_der(), NOW), CERTBOUND_E_ISSUED_IN_FUTURE);
    cr_assert_eq(verdict(i.verifier, ahead_1, test_der(), NOW + 1), CERTBOUND_OK);
    free(ahead_1);
    free(ahead_60);
    free(ahead_61);
    issuer_free(&i);
}

Test(settings, bad_key_sets_change_nothing)
{
    struct issuer i = issuer_new();
    char *token = issuer_token(&i, NULL, NULL);
    static const char *const sets[] = {
        "", "{", "[]", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\"}]}"
    };
    for (size_t s = 0; s < CB_COUNT(sets); s++) {
        cr_assert_eq(certbound_verifier_set_jwks(i.verifier, sets[s], strlen(sets[s])), CERTBOUND_E_JWKS);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);
    }
    cr_assert_eq(certbound_verifier_set_jwks(i.verifier, NULL, 0), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(certbound_verifier_set_jwks(NULL, "{}", 2), CERTBOUND_E_ARGUMENT);
    free(token);
    issuer_free(&i);
}

/* A verdict from before a change is none after it: what is remembered is forgotten. */
Test(settings, each_change_counts_at_once)
{
    struct issuer i = issuer_new(), other = issuer_new();
    char *token = issuer_token(&i, NULL, NULL);
    char *own = test_jwks(&i.es256, 1), *foreign = test_jwks(&other.es256, 1),
         *eddsa = test_jwks(&i.eddsa, 1);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);

    cr_assert_eq(certbound_verifier_set_issuer(i.verifier, "https://other.example"), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_ISSUER);
    cr_assert_eq(certbound_verifier_set_issuer(i.verifier, ISSUER), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);

    cr_assert_eq(certbound_verifier_set_audience(i.verifier, "https://other.example"), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_AUDIENCE);
    cr_assert_eq(certbound_verifier_set_audience(i.verifier, AUDIENCE), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);

    cr_assert_eq(certbound_verifier_set_jwks(i.verifier, foreign, strlen(foreign)), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_SIGNATURE);
    cr_assert_eq(certbound_verifier_set_jwks(i.verifier, eddsa, strlen(eddsa)), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_E_KID_UNKNOWN);
    cr_assert_eq(certbound_verifier_set_jwks(i.verifier, own, strlen(own)), CERTBOUND_OK);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);

    free(own);
    free(foreign);
    free(eddsa);
    free(token);
    issuer_free(&i);
    issuer_free(&other);
}

/* Dates and certificate count on every call, whether the token is remembered or not. */
Test(settings, remembered_or_not_the_answers_are_the_same)
{
    struct issuer i = issuer_new();
    static const size_t sizes[] = { 4096, 0, 1, 1048576, 4096 };
    char *token = issuer_token(&i, "nbf", "1800000000");
    for (size_t s = 0; s < CB_COUNT(sizes); s++) {
        cr_assert_eq(certbound_verifier_set_cache_size(i.verifier, sizes[s]), CERTBOUND_OK);
        for (int pass = 0; pass < 2; pass++) {
            cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);
            cr_assert_eq(verdict(i.verifier, token, CB_STR("another"), NOW),
                         CERTBOUND_E_CERTIFICATE_MISMATCH);
            cr_assert_eq(verdict(i.verifier, token, (struct cb_str){ 0 }, NOW),
                         CERTBOUND_E_CERTIFICATE_MISSING);
            cr_assert_eq(verdict(i.verifier, token, test_der(), NOW + 299), CERTBOUND_OK);
            cr_assert_eq(verdict(i.verifier, token, test_der(), NOW + 300), CERTBOUND_E_EXPIRED);
            cr_assert_eq(verdict(i.verifier, token, test_der(), NOW - 10), CERTBOUND_OK);
            cr_assert_eq(verdict(i.verifier, token, test_der(), NOW - 11), CERTBOUND_E_ISSUED_IN_FUTURE);
        }
    }
    cr_assert_eq(certbound_verifier_set_cache_size(i.verifier, 1048577), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(certbound_verifier_set_cache_size(NULL, 1), CERTBOUND_E_ARGUMENT);
    free(token);
    issuer_free(&i);
}
