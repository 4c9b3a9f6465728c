#include "onboarding/key_set.h"

#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/limits.h"

/* RFC 7515 appendix A.3, RFC 8037 appendix A.2 */
#define EC                                                                                                   \
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define OKP "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

static struct cb_key_set *parse(const char *text, enum cb_code *code)
{
    struct cb_key_set *set = NULL;
    struct cb_err err = { 0 };
    (void)CB_FAILED(cb_key_set_parse(cb_str_of(text), &set, &err));
    *code = err.code;
    return set;
}

Test(key_set, passes_over_keys_without_use_here)
{
    enum cb_code code = CB_E_NONE;
    struct cb_key_set *set =
        parse("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"},{" EC
              ",\"use\":\"enc\",\"kid\":\"b\"},{" EC ",\"kid\":\"c\"},{" OKP "},{" EC ",\"kid\":\"d\"},7]}",
              &code);
    cr_assert_not_null(set, "%s", cb_code_reason(code));
    cr_expect_eq(cb_key_set_count(set), 3);
    cr_expect_not_null(cb_key_set_candidate(set, CB_ALG_ES256, CB_STR("c"), 0));
    cr_expect_null(cb_key_set_candidate(set, CB_ALG_ES256, CB_STR("c"), 1));
    cr_expect_null(cb_key_set_candidate(set, CB_ALG_ES256, CB_STR("b"), 0));
    cr_expect_null(cb_key_set_candidate(set, CB_ALG_EDDSA, CB_STR("c"), 0));
    cr_expect_not_null(cb_key_set_candidate(set, CB_ALG_ES256, CB_STR(""), 1));
    cr_expect_null(cb_key_set_candidate(set, CB_ALG_ES256, CB_STR(""), 2));
    cr_expect_null(cb_key_set_candidate(set, CB_ALG_NONE, CB_STR(""), 0));
    cb_key_set_unref(set);
}

Test(key_set, refuses_what_is_none)
{
    static const struct {
        const char *text;
        enum cb_code code;
    } cases[] = {
        { "", CB_E_JSON },
        { "[]", CB_E_JSON },
        { "{}", CB_E_JWK },
        { "{\"keys\":{}}", CB_E_JWK },
        { "{\"keys\":[]}", CB_E_JWK },
        { "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", CB_E_JWK },
        { "{\"keys\":[{" EC ",\"kid\":\"a\"},{" EC ",\"kid\":\"a\"}]}", CB_E_JWK },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        enum cb_code code = CB_E_NONE;
        cr_expect_null(parse(cases[i].text, &code));
        cr_expect_eq(code, cases[i].code, "%s: %s", cases[i].text, cb_code_reason(code));
    }
}

Test(key_set, has_a_limit)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct cb_buf b;
        cb_buf_init(&b, 1 << 20);
        cb_buf_add_cstr(&b, "{\"keys\":[");
        for (size_t i = 0; i < CB_LIMIT_JWKS_KEYS + extra; i++) {
            cb_buf_add_fmt(&b, "%s{" OKP ",\"kid\":\"%zu\"}", i == 0 ? "" : ",", i);
        }
        cb_buf_add(&b, "]}", 3);
        enum cb_code code = CB_E_NONE;
        struct cb_key_set *set = parse(b.p, &code);
        cr_expect_eq(code, extra == 0 ? CB_E_NONE : CB_E_JWK);
        cb_key_set_unref(set);
        cb_buf_done(&b);
    }
}

Test(key_set, keeps_its_text)
{
    enum cb_code code = CB_E_NONE;
    struct cb_key_set *set = cb_key_set_ref(parse("{\"keys\":[{" OKP "}]}", &code));
    cb_key_set_unref(set);
    cr_expect(cb_str_is(cb_key_set_json(set), "{\"keys\":[{" OKP "}]}"));
    cb_key_set_unref(set);
    cb_key_set_unref(NULL);
}
