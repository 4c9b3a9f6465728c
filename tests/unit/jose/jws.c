#include "jose/jws.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jwk.h"
#include "vectors.h"

TestSuite(jws);

Test(jws, algorithms_are_three_and_case_sensitive)
{
    static const struct {
        struct cb_str name;
        enum cb_alg alg;
    } rows[] = {
        { CB_STR("ES256"), CB_ALG_ES256 },  { CB_STR("PS256"), CB_ALG_PS256 },
        { CB_STR("EdDSA"), CB_ALG_EDDSA },  { CB_STR(""), CB_ALG_NONE },
        { CB_STR("none"), CB_ALG_NONE },    { CB_STR("HS256"), CB_ALG_NONE },
        { CB_STR("RS256"), CB_ALG_NONE },   { CB_STR("es256"), CB_ALG_NONE },
        { CB_STR("ES256\0"), CB_ALG_NONE }, { CB_STR("ES256K"), CB_ALG_NONE },
        { CB_STR("Ed25519"), CB_ALG_NONE }, { CB_STR("EDDSA"), CB_ALG_NONE },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_assert_eq(cb_alg_of(rows[i].name), rows[i].alg, "row %zu", i);
    }
    cr_assert_str_eq(cb_alg_name(CB_ALG_NONE), "");
    cr_assert_str_eq(cb_alg_name(CB_ALG__MAX), "");
    cr_assert_str_eq(cb_alg_name(CB_ALG_EDDSA), "EdDSA");
}

static enum cb_code split(struct cb_str text, struct cb_jws_raw *out)
{
    struct cb_arena a;
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    struct cb_err err = { 0 };
    struct cb_jws_raw raw;
    const enum cb_code code =
        CB_FAILED(cb_jws_split(&a, text, out == NULL ? &raw : out, &err)) ? err.code : CB_E_NONE;
    cb_arena_done(&a);
    return code;
}

Test(jws, splits_into_exactly_three_parts)
{
    static const struct {
        struct cb_str text;
        enum cb_code code;
    } rows[] = {
        { CB_STR("AA.AA.AA"), CB_E_NONE },  { CB_STR(CRIT_JWS), CB_E_NONE },
        { CB_STR(""), CB_E_JWS },           { CB_STR("AA"), CB_E_JWS },
        { CB_STR("AA.AA"), CB_E_JWS },      { CB_STR("AA.AA.AA.AA"), CB_E_JWS },
        { CB_STR("AA.AA.AA."), CB_E_JWS },  { CB_STR("AA.AA.AA.AA.AA"), CB_E_JWS },
        { CB_STR("AA.AA.AB"), CB_E_JWS },   { CB_STR("AA.AB.AA"), CB_E_JWS },
        { CB_STR("AB.AA.AA"), CB_E_JWS },   { CB_STR("AA=.AA.AA"), CB_E_JWS },
        { CB_STR("AA.AA.AA\n"), CB_E_JWS }, { CB_STR(" AA.AA.AA"), CB_E_JWS },
        { CB_STR("AA.AA.AA\0"), CB_E_JWS }, { { NULL, 0 }, CB_E_JWS },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_assert_eq(split(rows[i].text, NULL), rows[i].code, "row %zu", i);
    }
}

/* header "." "AA" "." and a signature that fills up to n bytes */
static enum cb_code split_of_size(size_t header, size_t n)
{
    char *text = malloc(n);
    memset(text, 'A', n);
    text[header] = '.';
    text[header + 3] = '.';
    const enum cb_code code = split((struct cb_str){ text, n }, NULL);
    free(text);
    return code;
}

Test(jws, has_bounds)
{
    cr_assert_eq(split_of_size(4, CB_LIMIT_JWS), CB_E_NONE);
    cr_assert_eq(split_of_size(4, CB_LIMIT_JWS + 1), CB_E_JWS);
    const size_t most = CB_BASE64URL_LEN(CB_LIMIT_JOSE_HEADER);
    cr_assert_eq(split_of_size(most, most + 8), CB_E_NONE);
    cr_assert_eq(split_of_size(most + 1, most + 9), CB_E_JWS);
}

static struct cb_verify_key *key_of(const char *text)
{
    json_auto_t *jwk = json_loads(text, 0, NULL);
    struct cb_verify_key *k = NULL;
    cr_assert(!CB_FAILED(cb_jwk_public(jwk, &k, NULL)));
    return k;
}

static void assert_rfc_vector(const char *jwk, struct cb_str jws, struct cb_str payload)
{
    struct cb_verify_key *k = key_of(jwk);
    struct cb_arena a;
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    struct cb_jws_raw raw;
    cr_assert(!CB_FAILED(cb_jws_split(&a, jws, &raw, NULL)));
    cr_assert(cb_str_eq(raw.payload_json, payload));
    cr_assert(!CB_FAILED(cb_verify(k, raw.signing_input, raw.signature, NULL)));

    struct cb_err err = { 0 };
    raw.signing_input.n--;
    cr_assert(CB_FAILED(cb_verify(k, raw.signing_input, raw.signature, &err)));
    cr_assert_eq(err.code, CB_E_JWS_SIGNATURE);
    cb_arena_done(&a);
    cb_verify_key_free(k);
}

/* RFC 7515 appendix A.3 */
Test(jws, verifies_es256_of_the_rfc)
{
    assert_rfc_vector(
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ES256_JWK_X "\",\"y\":\"" ES256_JWK_Y "\"}",
        CB_STR(ES256_JWS),
        CB_STR("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"));
}

/* RFC 8037 appendix A.5 */
Test(jws, verifies_eddsa_of_the_rfc)
{
    assert_rfc_vector("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED25519_X "\"}", CB_STR(ED25519_JWS),
                      CB_STR("Example of Ed25519 signing"));
}

/* RFC 8037 appendix A.4: deterministic, so ours must be the same bytes */
Test(jws, signs_eddsa_of_the_rfc)
{
    uint8_t der[48] = { 0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20 };
    size_t n = 0;
    cr_assert(!CB_FAILED(cb_base64url_decode(CB_STR(ED25519_D), der + 16, 32, &n, NULL)));
    struct cb_sign_key *k = NULL;
    cr_assert(!CB_FAILED(
        cb_sign_key_from_pkcs8((struct cb_str){ (char *)der, sizeof der }, CB_ALG_EDDSA, &k, NULL)));
    struct cb_buf b;
    cb_buf_init(&b, 1024);
    cr_assert(!CB_FAILED(
        cb_jws_write(k, CB_STR("eyJhbGciOiJFZERTQSJ9"), CB_STR("Example of Ed25519 signing"), &b, NULL)));
    cr_assert(cb_str_is(cb_buf_str(&b), ED25519_JWS));
    cb_buf_done(&b);
    cb_sign_key_free(k);
}

Test(jws, is_appended_and_bounded)
{
    struct cb_sign_key *k = NULL;
    cr_assert(!CB_FAILED(cb_sign_key_generate(CB_ALG_ES256, &k, NULL)));
    static const size_t whole = 1 + 20 + 1 + 3 + 1 + 86;
    for (size_t max = whole - 1; max <= whole; max++) {
        struct cb_buf b;
        cb_buf_init(&b, max);
        cb_buf_add_char(&b, '>');
        struct cb_err err = { 0 };
        const bool failed =
            CB_FAILED(cb_jws_write(k, CB_STR("eyJhbGciOiJFUzI1NiJ9"), CB_STR("{}"), &b, &err));
        cr_assert_eq(failed, max < whole);
        cr_assert_eq(err.code, failed ? CB_E_LIMIT : CB_E_NONE);
        cr_assert(failed || cb_str_starts(cb_buf_str(&b), CB_STR(">eyJhbGciOiJFUzI1NiJ9.e30.")));
        cb_buf_done(&b);
    }
    cb_sign_key_free(k);
}
