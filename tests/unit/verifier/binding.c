/* The certificate and the token belong together, or nothing is served. RFC 8705 section 3. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "testlib/issuer.h"

TestSuite(binding);

Test(binding, confirmation_must_name_this_certificate)
{
    static const struct {
        const char *cnf;
        certbound_code code;
    } rows[] = {
        { CNF, CERTBOUND_OK },
        { NULL, CERTBOUND_E_CNF_MISSING },
        { "\"" X5T "\"", CERTBOUND_E_CNF_MALFORMED },
        { "[" CNF "]", CERTBOUND_E_CNF_MALFORMED },
        { "7", CERTBOUND_E_CNF_MALFORMED },
        { "null", CERTBOUND_E_CNF_MALFORMED },
        { "true", CERTBOUND_E_CNF_MALFORMED },
        { "{}", CERTBOUND_E_CNF_UNSUPPORTED },
        { "{\"x5t\":\"A4DtL2JmUMhAsvJj5tKyn64Sqzk\"}", CERTBOUND_E_CNF_UNSUPPORTED },
        { "{\"x5t#s256\":\"" X5T "\"}", CERTBOUND_E_CNF_UNSUPPORTED },
        { "{\"X5T#S256\":\"" X5T "\"}", CERTBOUND_E_CNF_UNSUPPORTED },
        { "{\"jkt\":\"" X5T "\"}", CERTBOUND_E_DPOP_UNSUPPORTED },
        { "{\"jkt\":null,\"x5t#S256\":\"" X5T "\"}", CERTBOUND_E_DPOP_UNSUPPORTED },
        { "{\"jkt\":\"" X5T "\",\"x5t#S256\":\"" X5T "\"}", CERTBOUND_E_DPOP_UNSUPPORTED },
        { "{\"x5t#S256\":7}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":null}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":[\"" X5T "\"]}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"\"}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"" X5T "=\"}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\" " X5T "\"}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"" X5T "\\n\"}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"" X5T "A\"}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"" X5T "AA\"}", CERTBOUND_E_CNF_MALFORMED },
        /* one character less, and the same 32 bytes with an unused bit set */
        { "{\"x5t#S256\":\"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v\"}", CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v1\"}", CERTBOUND_E_CNF_MALFORMED },
        /* letter case changed, hexadecimal, all zero */
        { "{\"x5t#S256\":\"a4dTl2jMumHaSVjJ5TkYN64sQZMUxBmRjA0N761Y5V0\"}",
          CERTBOUND_E_CERTIFICATE_MISMATCH },
        { "{\"x5t#S256\":\"0380ed2f626650c840b2f263e6d2b29fae12ab39ae5db32b25ad27efad72e6fd\"}",
          CERTBOUND_E_CNF_MALFORMED },
        { "{\"x5t#S256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          CERTBOUND_E_CERTIFICATE_MISMATCH },
    };
    struct issuer i = issuer_new();
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        char *token = issuer_token(&i, "cnf", rows[r].cnf);
        cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), rows[r].code, "%s",
                     rows[r].cnf == NULL ? "absent" : rows[r].cnf);
        free(token);
    }
    issuer_free(&i);
}

Test(binding, certificate_must_be_there_and_be_the_one)
{
    struct issuer i = issuer_new();
    char *token = issuer_token(&i, NULL, NULL);
    const struct cb_str der = test_der();
    char *longer = calloc(1, CB_LIMIT_CERTIFICATE + 1);
    memcpy(longer, der.p, der.n);
    const struct {
        struct cb_str der;
        certbound_code code;
    } rows[] = {
        { { NULL, 0 }, CERTBOUND_E_CERTIFICATE_MISSING },
        { { NULL, 10 }, CERTBOUND_E_CERTIFICATE_MISSING },
        { { der.p, 0 }, CERTBOUND_E_CERTIFICATE_MISSING },
        { { der.p, der.n - 1 }, CERTBOUND_E_CERTIFICATE_MISMATCH },
        { { der.p + 1, der.n - 1 }, CERTBOUND_E_CERTIFICATE_MISMATCH },
        { { longer, der.n + 1 }, CERTBOUND_E_CERTIFICATE_MISMATCH }, /* a NUL behind */
        { { longer, CB_LIMIT_CERTIFICATE }, CERTBOUND_E_CERTIFICATE_MISMATCH },
        { { longer, CB_LIMIT_CERTIFICATE + 1 }, CERTBOUND_E_CERTIFICATE_TOO_LARGE },
        { { "-----BEGIN CERTIFICATE-----", 27 }, CERTBOUND_E_CERTIFICATE_MISMATCH },
        { der, CERTBOUND_OK },
        { { longer, der.n }, CERTBOUND_OK },
    };
    for (int pass = 0; pass < 2; pass++) { /* the second from the cache */
        for (size_t r = 0; r < CB_COUNT(rows); r++) {
            cr_assert_eq(verdict(i.verifier, token, rows[r].der, NOW), rows[r].code, "row %zu, pass %d", r,
                         pass);
        }
    }
    free(longer);
    free(token);
    issuer_free(&i);
}

/* Proves, among other things, that no two texts decode to the same token. */
Test(binding, every_single_bit_of_token_and_certificate_counts)
{
    struct issuer i = issuer_new();
    char *token = issuer_token(&i, NULL, NULL);
    const size_t n = strlen(token);
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK, "all that can be remembered is");
    for (size_t at = 0; at < n; at++) {
        for (int bit = 0; bit < 8; bit++) {
            token[at] = (char)(token[at] ^ 1 << bit);
            certbound_code why = CERTBOUND_OK;
            cr_assert_null(certbound_verify(i.verifier, token, n, test_der().p, test_der().n, NOW, &why),
                           "bit %d of byte %zu", bit, at);
            cr_assert(why >= CERTBOUND_E_TOKEN_MALFORMED && why <= CERTBOUND_E_SIGNATURE, "%s",
                      certbound_code_name(why));
            token[at] = (char)(token[at] ^ 1 << bit);
        }
    }
    char der[512];
    memcpy(der, test_der().p, test_der().n);
    for (size_t at = 0; at < test_der().n; at++) {
        for (int bit = 0; bit < 8; bit++) {
            der[at] = (char)(der[at] ^ 1 << bit);
            cr_assert_eq(verdict(i.verifier, token, (struct cb_str){ der, test_der().n }, NOW),
                         CERTBOUND_E_CERTIFICATE_MISMATCH);
            der[at] = (char)(der[at] ^ 1 << bit);
        }
    }
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), CERTBOUND_OK);
    free(token);
    issuer_free(&i);
}
