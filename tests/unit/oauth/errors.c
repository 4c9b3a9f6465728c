#include <criterion/criterion.h>

#include "oauth/exchange.h"

/* RFC 6749 section 5.2: what error and error_description may hold. */
static bool allowed(const char *s)
{
    for (; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

Test(errors, every_answer_is_an_error_in_the_allowed_characters)
{
    for (int i = 0; i < CB_E__MAX; i++) {
        const struct cb_error_answer *a = cb_error_of((enum cb_code)i);
        cr_expect(a->status >= 400 && a->status <= 599, "%s", cb_code_reason((enum cb_code)i));
        cr_expect(allowed(a->error) && allowed(a->description), "%s", cb_code_reason((enum cb_code)i));
        cr_expect_neq(a->description[0], '\0');
    }
}

Test(errors, classes_and_statuses_agree)
{
    for (int i = 0; i < CB_E__MAX; i++) {
        const enum cb_class class = cb_code_class((enum cb_code)i);
        const int status = cb_error_of((enum cb_code)i)->status;
        if (class == CB_CLASS_INTERNAL || class == CB_CLASS_NONE || class == CB_CLASS_OPERATOR) {
            cr_expect_eq(status, 500, "%s", cb_code_reason((enum cb_code)i));
        }
        if (class == CB_CLASS_UNAVAILABLE || class == CB_CLASS_RETRY) {
            cr_expect_eq(status, 503, "%s", cb_code_reason((enum cb_code)i));
        }
    }
}

Test(errors, what_nobody_mapped_is_ours)
{
    cr_assert_eq(cb_error_of(CB_E_NONE)->status, 500);
    cr_assert_str_eq(cb_error_of(CB_E_NONE)->error, "server_error");
    cr_assert_eq(cb_error_of(CB_E__MAX)->status, 500);
}

Test(errors, client_authentication_answers_as_rfc6749_says)
{
    static const enum cb_code codes[] = {
        CB_E_CLIENT_ID_MISSING,  CB_E_CLIENT_UNKNOWN,        CB_E_CLIENT_DISABLED,
        CB_E_CLIENT_AUTH_METHOD, CB_E_CERT_MISSING,          CB_E_CERT_MALFORMED,
        CB_E_CERT_EXPIRED,       CB_E_CERT_NOT_YET_VALID,    CB_E_CERT_ISSUER_UNKNOWN,
        CB_E_CERT_SIGNATURE,     CB_E_CERT_PURPOSE,          CB_E_CERT_WEAK,
        CB_E_CERT_CHAIN,         CB_E_CERT_SUBJECT_MISMATCH, CB_E_CERT_NOT_REGISTERED,
    };
    for (size_t i = 0; i < CB_COUNT(codes); i++) {
        cr_expect_eq(cb_error_of(codes[i])->status, 400);
        cr_expect_str_eq(cb_error_of(codes[i])->error, "invalid_client");
    }
    cr_assert_eq(cb_error_of(CB_E_CLIENT_AUTH_HEADER)->status, 401);
}
