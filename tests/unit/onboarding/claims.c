#include "onboarding/claims.h"

#include <criterion/criterion.h>

#include "applicant.h"
#include "onboarding/dn_form.h"

TestSuite(claims, .init = applicant_setup, .fini = applicant_teardown);

static json_t *object_of(const char *text)
{
    json_t *o = NULL;
    cr_assert_not(CB_FAILED(cb_claims_parse(&arena, cb_str_of(text), &o, NULL)), "%s", text);
    return o;
}

Test(claims, hold_times)
{
    static const struct {
        const char *text;
        int64_t at; /* -1: none */
    } cases[] = {
        { "{\"t\":0}", 0 },
        { "{\"t\":1800000000}", 1800000000 },
        { "{\"t\":1800000000.9}", 1800000000 },
        { "{\"t\":1.8e9}", 1800000000 },
        { "{\"t\":253402300799}", 253402300799 },
        { "{\"t\":253402300800}", -1 },
        { "{\"t\":-1}", -1 },
        { "{\"t\":-0.5}", -1 },
        { "{\"t\":1e300}", -1 },
        { "{\"t\":\"1\"}", -1 },
        { "{\"t\":null}", -1 },
        { "{}", -1 },
        { "{\"t\":true}", -1 },
        { "{\"t\":[1]}", -1 },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        int64_t at = -1;
        cr_expect_eq(cb_claims_time(object_of(cases[i].text), "t", &at), cases[i].at >= 0, "%s",
                     cases[i].text);
        cr_expect_eq(at, cases[i].at, "%s", cases[i].text);
    }
}

Test(claims, hold_words)
{
    static const struct {
        const char *text;
        size_t count; /* 0: no list of words */
    } cases[] = {
        { "{\"w\":[\"a\"]}", 1 },
        { "{\"w\":[\"a\",\"b\",\"c\"]}", 3 },
        { "{\"w\":[\"a\",\"b\",\"c\",\"d\"]}", 0 },
        { "{\"w\":[]}", 0 },
        { "{\"w\":[\"a\",1]}", 0 },
        { "{\"w\":\"a\"}", 0 },
        { "{\"w\":{}}", 0 },
        { "{\"w\":null}", 0 },
        { "{}", 0 },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        const json_t *words = cb_claims_words(object_of(cases[i].text), "w", 3);
        cr_expect_eq(json_array_size(words), cases[i].count, "%s", cases[i].text);
    }
    const json_t *words = cb_claims_words(object_of("{\"w\":[\"a\",\"bc\"]}"), "w", 3);
    cr_expect(cb_str_is(cb_claims_word(words, 1), "bc"));
    cr_expect(cb_claims_word_is_among(words, CB_STR("a")));
    cr_expect_not(cb_claims_word_is_among(words, CB_STR("b")));
    cr_expect_not(cb_claims_word_is_among(NULL, CB_STR("a")));
}

Test(claims, are_absent_when_null)
{
    const json_t *o = object_of("{\"a\":null,\"b\":0}");
    cr_expect_not(cb_claims_has(o, "a"));
    cr_expect(cb_claims_has(o, "b"));
    cr_expect_not(cb_claims_has(o, "c"));
}

Test(claims, know_the_brazilian_form_of_a_name)
{
    static const struct {
        const char *dn;
        bool good;
    } cases[] = {
        { "CN=a", true },
        { OFBR_DN, true },
        { "CN=a\\,b,O=c+OU=d", true },
        { "CN=#0c0161", true },
        { "2.5.4.15=#0C1450726976617465204F7267616E697A6174696F6E,C=BR", true },
        { "CN=a\\", true }, /* for cb_name_from_text to refuse */
        { "", false },
        { "CN", false },
        { "CN=", false },
        { "CN=a,", false },
        { ",CN=a", false },
        { "CN=a,,O=b", false },
        { "CN = a", false },
        { "CN=a, O=b", false },
        { "cn=a", false },
        { "CN=\"a\"", false },
        { "organizationIdentifier=OFBBR-x,CN=a", false },
        { "serialNumber=1,CN=a", false },
        { "2.5.4.97=OFBBR-x,CN=a", false },
        { "2.5.4.97=#", false },
        { "2.5.4.97=#0", false },
        { "2.5.4.97=#0x", false },
        { "OID.2.5.4.97=#0c01", false },
        { "2..4=#0c01", false },
        { "2=#0c01", false },
        { "2.5.=#0c01", false },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        cr_expect_eq(cb_dn_form_is_brazilian(cb_str_of(cases[i].dn)), cases[i].good, "%s", cases[i].dn);
    }
}
