#include "onboarding/signed.h"

#include <criterion/criterion.h>

#include "applicant.h"
#include "jose/base64url.h"
#include "jose/jwk.h"

TestSuite(signed_claims, .init = applicant_setup, .fini = applicant_teardown);

static struct cb_str jws(struct cb_sign_key *key, const char *header, const char *claims)
{
    struct cb_buf header64, text;
    cb_buf_init(&header64, 1 << 12);
    cb_buf_init(&text, 1 << 16);
    cb_base64url_add(&header64, header, strlen(header));
    cr_assert_not(CB_FAILED(cb_jws_write(key, cb_buf_str(&header64), cb_str_of(claims), &text, NULL)));
    const struct cb_str copy = cb_arena_str(&arena, cb_buf_str(&text));
    cb_buf_done(&header64);
    cb_buf_done(&text);
    return copy;
}

static struct cb_key_set *set_of(struct cb_sign_key *const *keys, const char *const *kids, size_t count)
{
    struct cb_buf b;
    struct cb_key_set *set = NULL;
    struct cb_err err = { 0 };
    cb_buf_init(&b, 1 << 16);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < count; i++) {
        cr_assert_not(CB_FAILED(cb_jwk_write(keys[i], cb_str_of(kids[i]), &j, NULL)));
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    cr_assert_not(CB_FAILED(cb_key_set_parse(cb_buf_str(&b), &set, &err)), "%s", err.detail);
    cb_buf_done(&b);
    return set;
}

static struct cb_sign_key *key_of(enum cb_alg alg)
{
    struct cb_sign_key *key = NULL;
    cr_assert_not(CB_FAILED(cb_sign_key_generate(alg, &key, NULL)));
    return key;
}

static enum cb_code verify(struct cb_str text, const struct cb_key_set *keys)
{
    struct cb_signed s = { .alg = CB_ALG_NONE };
    struct cb_err err = { 0 };
    if (!CB_FAILED(cb_signed_read(&arena, text, &s, &err))) {
        (void)CB_FAILED(cb_signed_verify(&s, keys, &err));
    }
    return err.code;
}

Test(signed_claims, verify_under_a_key_of_the_set)
{
    struct cb_sign_key *keys[] = { key_of(CB_ALG_ES256), key_of(CB_ALG_EDDSA), key_of(CB_ALG_ES256) };
    static const char *const kids[] = { "a", "b", "c" };
    struct cb_sign_key *stranger = key_of(CB_ALG_ES256);
    struct cb_key_set *set = set_of(keys, kids, 3);

    cr_expect_eq(verify(jws(keys[0], "{\"alg\":\"ES256\",\"kid\":\"a\"}", "{}"), set), CB_E_NONE);
    cr_expect_eq(verify(jws(keys[2], "{\"alg\":\"ES256\",\"kid\":\"c\"}", "{}"), set), CB_E_NONE);
    cr_expect_eq(verify(jws(keys[2], "{\"alg\":\"ES256\"}", "{}"), set), CB_E_NONE); /* each is tried */
    cr_expect_eq(verify(jws(keys[1], "{\"alg\":\"EdDSA\",\"kid\":\"b\"}", "{}"), set), CB_E_NONE);
    cr_expect_eq(verify(jws(keys[2], "{\"alg\":\"ES256\",\"kid\":\"a\"}", "{}"), set), CB_E_JWS_SIGNATURE);
    cr_expect_eq(verify(jws(keys[1], "{\"alg\":\"ES256\",\"kid\":\"b\"}", "{}"), set), CB_E_JWS_SIGNATURE);
    cr_expect_eq(verify(jws(keys[0], "{\"alg\":\"ES256\",\"kid\":\"z\"}", "{}"), set), CB_E_JWS_SIGNATURE);
    cr_expect_eq(verify(jws(stranger, "{\"alg\":\"ES256\"}", "{}"), set), CB_E_JWS_SIGNATURE);
    cr_expect_eq(verify(jws(keys[0], "{\"alg\":\"none\"}", "{}"), set), CB_E_JWS_SIGNATURE);
    cr_expect_eq(verify(jws(keys[0], "{\"alg\":\"HS256\",\"kid\":\"a\"}", "{}"), set), CB_E_JWS_SIGNATURE);

    cb_key_set_unref(set);
    cb_sign_key_free(stranger);
    for (size_t i = 0; i < CB_COUNT(keys); i++) {
        cb_sign_key_free(keys[i]);
    }
}

Test(signed_claims, take_no_key_from_the_header)
{
    struct cb_sign_key *own = key_of(CB_ALG_ES256), *directory = key_of(CB_ALG_ES256);
    static const char *const kids[] = { "d" };
    struct cb_key_set *set = set_of(&directory, kids, 1);
    struct cb_buf header;
    cb_buf_init(&header, 1 << 12);
    struct cb_json_out j = cb_json_out(&header);
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "alg", "ES256");
    cb_json_put_cstr(&j, "jku", "https://evil.example/jwks");
    cb_json_put_cstr(&j, "x5u", "https://evil.example/x5u");
    cb_json_key(&j, "jwk");
    cr_assert_not(CB_FAILED(cb_jwk_write(own, CB_STR("d"), &j, NULL)));
    cb_json_close(&j, '}');
    cb_buf_add_char(&header, '\0');
    cr_expect_eq(verify(jws(own, header.p, "{}"), set), CB_E_JWS_SIGNATURE);
    cr_expect_eq(verify(jws(directory, header.p, "{}"), set), CB_E_NONE); /* they do no harm either */
    cb_buf_done(&header);
    cb_key_set_unref(set);
    cb_sign_key_free(own);
    cb_sign_key_free(directory);
}

Test(signed_claims, are_read_strictly)
{
    static const struct {
        const char *header, *claims;
        enum cb_code code;
    } cases[] = {
        { "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "{}", CB_E_JSON },
        { "{\"alg\":\"ES256\"}", "{\"iss\":\"a\",\"iss\":\"b\"}", CB_E_JSON },
        { "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}", "{}", CB_E_JWS_CRIT },
        { "{\"alg\":\"ES256\",\"crit\":[]}", "{}", CB_E_JWS_CRIT },
        { "{}", "{}", CB_E_JWS },
        { "{\"alg\":1}", "{}", CB_E_JWS },
        { "{\"alg\":\"ES256\",\"kid\":1}", "{}", CB_E_JWS },
        { "[]", "{}", CB_E_JSON },
        { "{\"alg\":\"ES256\"}", "[]", CB_E_JSON },
        { "{\"alg\":\"ES256\"}", "{} ", CB_E_JWS_SIGNATURE },
        { "{\"alg\":\"ES256\"}", "{}x", CB_E_JSON },
    };
    struct cb_sign_key *key = key_of(CB_ALG_ES256), *other = key_of(CB_ALG_ES256);
    static const char *const kids[] = { "a" };
    struct cb_key_set *set = set_of(&other, kids, 1);
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        cr_expect_eq(verify(jws(key, cases[i].header, cases[i].claims), set), cases[i].code, "%s %s",
                     cases[i].header, cases[i].claims);
    }
    cb_key_set_unref(set);
    cb_sign_key_free(key);
    cb_sign_key_free(other);
}

Test(signed_claims, know_a_plain_type)
{
    static const struct {
        const char *header;
        bool plain;
    } cases[] = {
        { "{\"alg\":\"ES256\"}", true },
        { "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", true },
        { "{\"alg\":\"ES256\",\"typ\":\"jwt\"}", true },
        { "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", false },
        { "{\"alg\":\"ES256\",\"typ\":\"JOSE\"}", false },
        { "{\"alg\":\"ES256\",\"typ\":null}", false },
        { "{\"alg\":\"ES256\",\"typ\":1}", false },
    };
    struct cb_sign_key *key = key_of(CB_ALG_ES256);
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        struct cb_signed s = { .alg = CB_ALG_NONE };
        cr_assert_not(CB_FAILED(cb_signed_read(&arena, jws(key, cases[i].header, "{}"), &s, NULL)));
        cr_expect_eq(s.plain_type, cases[i].plain, "%s", cases[i].header);
    }
    cb_sign_key_free(key);
}
