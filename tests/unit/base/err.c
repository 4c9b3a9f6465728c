#include "base/err.h"

#include <criterion/criterion.h>
#include <string.h>

static cb_status refuse(struct cb_err *err)
{
    CB_ENSURE(1 == 2, CB_E_CERT_EXPIRED, "expired on day %d", 7);
    return CB_OK;
}

static cb_status pass_on(struct cb_err *err)
{
    CB_TRY(refuse(err));
    return CB_OK;
}

Test(err, carries_code_place_and_detail)
{
    struct cb_err err = { 0 };
    cr_assert(CB_FAILED(pass_on(&err)));
    cr_assert_eq(err.code, CB_E_CERT_EXPIRED);
    cr_assert_str_eq(err.detail, "expired on day 7");
    cr_assert(err.line > 0);
    cr_assert_not_null(err.file);
}

Test(err, keeps_the_first_reason)
{
    struct cb_err err = { 0 };
    cr_assert(CB_FAILED(refuse(&err)));
    cb_err_set(&err, CB_E_INTERNAL, "x", 1, "later");
    cr_assert_eq(err.code, CB_E_CERT_EXPIRED);
    cb_err_clear(&err);
    cr_assert_eq(err.code, CB_E_NONE);
}

Test(err, may_be_null)
{
    cr_assert(CB_FAILED(refuse(NULL)));
}

Test(err, every_code_has_a_class_and_a_reason_of_its_own)
{
    for (int i = 1; i < CB_E__MAX; i++) {
        cr_expect_neq(cb_code_class((enum cb_code)i), CB_CLASS_NONE);
        for (int k = 0; k < i; k++) {
            cr_expect_str_neq(cb_code_reason((enum cb_code)i), cb_code_reason((enum cb_code)k));
        }
    }
    cr_assert_eq(cb_code_class(CB_E_NONE), CB_CLASS_NONE);
    cr_assert_eq(cb_code_class(CB_E__MAX), CB_CLASS_INTERNAL);
}

Test(err, take_hands_the_pointer_on)
{
    char c = 0;
    char *from = &c;
    char *to = CB_TAKE(from);
    cr_assert_null(from);
    cr_assert_eq(to, &c);
}
