/* RFC 6750 sections 2.1 and 3.1, and the fixed answers. */
#include <criterion/criterion.h>

#include "testlib/issuer.h"

TestSuite(bearer);

Test(bearer, authorization_header)
{
    static const struct {
        const char *value;
        certbound_code code;
        const char *token;
    } rows[] = {
        { "Bearer abc", CERTBOUND_OK, "abc" },
        { "bearer abc", CERTBOUND_OK, "abc" },
        { "BEARER   a.b-c_d~e+f/g==", CERTBOUND_OK, "a.b-c_d~e+f/g==" },
        { NULL, CERTBOUND_E_TOKEN_MISSING, NULL },
        { "", CERTBOUND_E_TOKEN_MISSING, NULL },
        { "Basic eDp5", CERTBOUND_E_SCHEME, NULL },
        { "DPoP abc", CERTBOUND_E_SCHEME, NULL },
        { "bearerx abc", CERTBOUND_E_SCHEME, NULL },
        { " Bearer abc", CERTBOUND_E_SCHEME, NULL },
        { "Bearer\tabc", CERTBOUND_E_SCHEME, NULL },
        { "Bearer", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer ", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer =", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer a=b", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer a b", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer abc ", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer abc, Bearer abc", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer \"abc\"", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
        { "Bearer a\xc3\xa9", CERTBOUND_E_CREDENTIALS_MALFORMED, NULL },
    };
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        const char *token = "untouched";
        size_t n = 77;
        const struct cb_str value = cb_str_of(rows[r].value);
        cr_assert_eq(certbound_bearer_token(value.p, value.n, &token, &n), rows[r].code, "row %zu", r);
        if (rows[r].code == CERTBOUND_OK) {
            cr_assert(cb_str_is((struct cb_str){ token, n }, rows[r].token));
            cr_assert(token > value.p && token + n <= value.p + value.n, "borrowed");
        } else {
            cr_assert(n == 77 && strcmp(token, "untouched") == 0);
        }
    }
    const char *token = NULL;
    size_t n = 0;
    cr_assert_eq(certbound_bearer_token("Bearer a\0b", 10, &token, &n), CERTBOUND_E_CREDENTIALS_MALFORMED);
    cr_assert_eq(certbound_bearer_token("Bearer abc", 10, NULL, &n), CERTBOUND_E_ARGUMENT);
    cr_assert_eq(certbound_bearer_token("Bearer abc", 10, &token, NULL), CERTBOUND_E_ARGUMENT);
}

Test(bearer, answers)
{
    static const struct {
        certbound_code code;
        int status;
        const char *challenge;
    } rows[] = {
        { CERTBOUND_OK, 200, "Bearer" },
        { CERTBOUND_E_INTERNAL, 500, "Bearer" },
        { CERTBOUND_E_NO_KEYS, 503, "Bearer" },
        { CERTBOUND_E_TOKEN_MISSING, 401, "Bearer" },
        { CERTBOUND_E_SCHEME, 401, "Bearer" },
        { CERTBOUND_E_CREDENTIALS_MALFORMED, 400, "Bearer error=\"invalid_request\"" },
        { CERTBOUND_E_SIGNATURE, 401, "Bearer error=\"invalid_token\"" },
        { CERTBOUND_E_CERTIFICATE_MISSING, 401, "Bearer error=\"invalid_token\"" },
        { CERTBOUND_E_CERTIFICATE_MISMATCH, 401, "Bearer error=\"invalid_token\"" },
        { CERTBOUND_E_INSUFFICIENT_SCOPE, 403, "Bearer error=\"insufficient_scope\"" },
        { (certbound_code)7, 500, "Bearer" }, /* a gap between the groups */
        { (certbound_code)81, 500, "Bearer" },
        { (certbound_code)-1, 500, "Bearer" },
    };
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        cr_assert_eq(certbound_code_status(rows[r].code), rows[r].status, "row %zu", r);
        cr_assert_str_eq(certbound_code_www_authenticate(rows[r].code), rows[r].challenge);
    }
    cr_assert_str_eq(certbound_code_name(CERTBOUND_E_CERTIFICATE_MISMATCH), "certificate_mismatch");
    cr_assert_str_eq(certbound_code_name((certbound_code)7), "unknown");
    cr_assert_str_eq(certbound_version(), CERTBOUND_VERSION_STRING);
}

/* Everything about a token is one answer: who presents it learns nothing about which check failed. */
Test(bearer, what_is_wrong_with_a_token_is_not_told)
{
    for (int code = CERTBOUND_E_TOKEN_TOO_LARGE; code <= CERTBOUND_E_CERTIFICATE_MISMATCH; code++) {
        if (strcmp(certbound_code_name((certbound_code)code), "unknown") != 0) {
            cr_assert_eq(certbound_code_status((certbound_code)code), 401);
            cr_assert_str_eq(certbound_code_www_authenticate((certbound_code)code),
                             "Bearer error=\"invalid_token\"");
        }
    }
}
