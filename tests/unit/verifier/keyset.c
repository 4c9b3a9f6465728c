#include "verifier/keyset.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "../jose/vectors.h"
#include "base/buf.h"
#include "base/limits.h"

TestSuite(keyset);

#define EC(kid)                                                                                              \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"" kid "\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y   \
    "\"}"
#define OKP(kid) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"" kid "\",\"x\":\"" ED25519_X "\"}"
#define RSA(kid) "{\"kty\":\"RSA\",\"kid\":\"" kid "\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define RS256    "{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"a\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define NO_KID   "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED25519_X "\"}"
#define SECRET   "{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}"
#define OFF                                                                                                  \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"" ES256_JWK_Y "\",\"y\":\"" ES256_JWK_X "\"}"

static enum cb_code parse(const char *json, struct cb_keyset **out)
{
    struct cb_err err = { 0 };
    return CB_FAILED(cb_keyset_parse(cb_str_of(json), out, &err)) ? err.code : CB_E_NONE;
}

Test(keyset, takes_the_keys_it_can_use)
{
    static const struct {
        const char *json;
        enum cb_alg a; /* of the key "a" */
    } rows[] = {
        { "{\"keys\":[" EC("a") "]}", CB_ALG_ES256 },
        { "{\"keys\":[" OKP("a") "," EC("b") "]}", CB_ALG_EDDSA },
        { "{\"keys\":[" RSA("a") "," EC("b") "]}", CB_ALG_PS256 },
        { "{\"extra\":7,\"keys\":[7,null,{},[],\"x\"," NO_KID "," RS256 "," SECRET "," OFF "," EC("a") "]}",
          CB_ALG_ES256 },
        { "{\"keys\":[" EC("A") "," OKP("a") "]}", CB_ALG_EDDSA },
    };
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        struct cb_keyset *set = NULL;
        cr_assert_eq(parse(rows[r].json, &set), CB_E_NONE, "row %zu", r);
        cr_assert_eq(cb_verify_key_alg(cb_keyset_find(set, CB_STR("a"))), rows[r].a);
        cr_assert_null(cb_keyset_find(set, CB_STR("c")));
        cr_assert_null(cb_keyset_find(set, CB_STR("")));
        cr_assert_null(cb_keyset_find(NULL, CB_STR("a")));
        cb_keyset_unref(set);
    }
}

Test(keyset, refuses_a_set_without_keys_or_with_two_of_a_name)
{
    static const struct {
        const char *json;
        enum cb_code code;
    } rows[] = {
        { "", CB_E_JSON },
        { "[]", CB_E_JSON },
        { "{\"keys\":[" EC("a") "]}x", CB_E_JSON },
        { "{\"keys\":[" EC("a") "],\"keys\":[" EC("a") "]}", CB_E_JSON },
        { "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}", CB_E_JSON },
        { "{}", CB_E_JWK },
        { "{\"keys\":null}", CB_E_JWK },
        { "{\"keys\":[]}", CB_E_JWK },
        { "{\"keys\":[" NO_KID "]}", CB_E_JWK },
        { "{\"keys\":[" SECRET "," RS256 "," OFF "]}", CB_E_JWK },
        { "{\"keys\":[" EC("") "]}", CB_E_JWK },
        { "{\"keys\":[" EC("a") "," OKP("a") "]}", CB_E_JWK },
        { "{\"keys\":[" EC("a") "," EC("a") "]}", CB_E_JWK },
    };
    for (size_t r = 0; r < CB_COUNT(rows); r++) {
        struct cb_keyset *set = NULL;
        cr_assert_eq(parse(rows[r].json, &set), rows[r].code, "row %zu", r);
        cr_assert_null(set);
    }
}

static enum cb_code parse_many(size_t count, size_t kid_n, size_t pad)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_MIB);
    cb_buf_add_cstr(&b, "{\"keys\":[" OKP("a"));
    for (size_t i = 1; i < count; i++) {
        cb_buf_add_fmt(&b, ",{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%0*zu\",\"x\":\"" ED25519_X "\"}",
                       (int)kid_n, i);
    }
    cb_buf_add_cstr(&b, "]}");
    while (b.n < pad) {
        cb_buf_add_char(&b, ' ');
    }
    cb_buf_add_char(&b, '\0');
    struct cb_keyset *set = NULL;
    const enum cb_code code = parse(b.p, &set);
    char kid[256];
    (void)snprintf(kid, sizeof kid, "%0*d", (int)kid_n, 1);
    const bool found = cb_keyset_find(set, cb_str_of(kid)) != NULL;
    cb_keyset_unref(set);
    cb_buf_done(&b);
    return code == CB_E_NONE && !found ? CB_E_NOT_FOUND : code;
}

Test(keyset, limits)
{
    cr_assert_eq(parse_many(64, 10, 0), CB_E_NONE);
    cr_assert_eq(parse_many(65, 10, 0), CB_E_JWK);
    cr_assert_eq(parse_many(2, CB_LIMIT_KID, 0), CB_E_NONE);
    cr_assert_eq(parse_many(2, CB_LIMIT_KID + 1, 0), CB_E_NOT_FOUND, "skipped like a key without kid");
    cr_assert_eq(parse_many(2, 10, CB_LIMIT_JWK_SET), CB_E_NONE);
    cr_assert_eq(parse_many(2, 10, CB_LIMIT_JWK_SET + 1), CB_E_JWK);
}

Test(keyset, headers_that_were_found_good)
{
    struct cb_keyset *set = NULL;
    cr_assert_eq(parse("{\"keys\":[" EC("a") "," OKP("b") "]}", &set), CB_E_NONE);
    const struct cb_verify_key *a = cb_keyset_find(set, CB_STR("a"));
    const struct cb_verify_key *b = cb_keyset_find(set, CB_STR("b"));
    char long_header[257];
    memset(long_header, 'x', sizeof long_header);
    cr_assert_null(cb_keyset_find_header(set, CB_STR("")), "nothing is known at first");
    cb_keyset_remember_header(set, b, (struct cb_str){ long_header, 257 });
    cr_assert_null(cb_keyset_find_header(set, (struct cb_str){ long_header, 257 }));
    cb_keyset_remember_header(set, b, (struct cb_str){ long_header, 256 });
    cr_assert_eq(cb_keyset_find_header(set, (struct cb_str){ long_header, 256 }), b);
    cr_assert_null(cb_keyset_find_header(set, (struct cb_str){ long_header, 255 }));
    cb_keyset_remember_header(set, a, CB_STR("{}"));
    cb_keyset_remember_header(set, a, CB_STR("{ }"));
    cr_assert_eq(cb_keyset_find_header(set, CB_STR("{}")), a);
    cr_assert_null(cb_keyset_find_header(set, CB_STR("{ }")), "one for each key");
    cb_keyset_unref(set);
}
