#include "oauth/access_token.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/json_in.h"
#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jwk.h"

static struct cb_arena arena;

static struct cb_signer signer_of(enum cb_alg alg)
{
    struct cb_signer s = { .kid = CB_STR("k1"), .alg = alg };
    static char header[128];
    char json[64];
    const int n =
        snprintf(json, sizeof json, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", cb_alg_name(alg));
    cb_base64url_encode(json, (size_t)n, header);
    s.token_header64 = (struct cb_str){ header, CB_BASE64URL_LEN((size_t)n) };
    cr_assert_not(CB_FAILED(cb_sign_key_generate(alg, &s.key, NULL)));
    return s;
}

static const struct cb_access_token claims = {
    .issuer = { "https://as.example", 18 },
    .subject = { "partner-a", 9 },
    .client_id = { "partner-a", 9 },
    .audience = { "https://api.example", 19 },
    .scope = { "accounts payments", 17 },
    .issued_at = 1700000000,
    .expires_at = 1700000300,
    .x5t = { { 1, 2, 3 } },
};

Test(access_token, holds_exactly_the_claims_of_the_design)
{
    cb_arena_init(&arena, 64 * CB_KIB);
    struct cb_signer s = signer_of(CB_ALG_ES256);
    struct cb_str token, jti, again, jti2;
    cr_assert_not(CB_FAILED(cb_access_token_write(&arena, &s, &claims, &token, &jti, NULL)));
    cr_assert_not(CB_FAILED(cb_access_token_write(&arena, &s, &claims, &again, &jti2, NULL)));
    cr_assert_not(cb_str_eq(jti, jti2));
    cr_assert_eq(jti.n, 22);

    struct cb_jws_raw raw = { 0 };
    cr_assert_not(CB_FAILED(cb_jws_split(&arena, token, &raw, NULL)));
    cr_assert(cb_str_is(raw.header_json, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}"));
    char want[512];
    (void)snprintf(want, sizeof want,
                   "{\"iss\":\"https://as.example\",\"sub\":\"partner-a\",\"client_id\":\"partner-a\","
                   "\"aud\":\"https://api.example\",\"iat\":1700000000,\"exp\":1700000300,\"jti\":\"%.22s\","
                   "\"scope\":\"accounts payments\","
                   "\"cnf\":{\"x5t#S256\":\"AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}",
                   jti.p);
    cr_assert(cb_str_is(raw.payload_json, want), CB_STR_FMT, CB_STR_ARG(raw.payload_json));
    cb_sign_key_free(s.key);
    cb_arena_done(&arena);
}

Test(access_token, is_signed_in_each_algorithm)
{
    for (enum cb_alg alg = CB_ALG_ES256; alg < CB_ALG__MAX; alg++) {
        cb_arena_init(&arena, 64 * CB_KIB);
        struct cb_signer s = signer_of(alg);
        struct cb_str token, jti;
        cr_assert_not(CB_FAILED(cb_access_token_write(&arena, &s, &claims, &token, &jti, NULL)));

        struct cb_buf jwk;
        cb_buf_init(&jwk, 4096);
        struct cb_json_out j = cb_json_out(&jwk);
        cr_assert_not(CB_FAILED(cb_jwk_write(s.key, CB_STR("k1"), &j, NULL)));
        json_auto_t *parsed = NULL;
        struct cb_verify_key *key = NULL;
        struct cb_jws_raw raw = { 0 };
        cr_assert_not(CB_FAILED(cb_json_object(cb_buf_str(&jwk), &parsed, NULL)));
        cr_assert_not(CB_FAILED(cb_jwk_public(parsed, &key, NULL)));
        cr_assert_not(CB_FAILED(cb_jws_split(&arena, token, &raw, NULL)));
        cr_assert_not(CB_FAILED(cb_verify(key, raw.signing_input, raw.signature, NULL)));
        cb_verify_key_free(key);
        cb_sign_key_free(s.key);
        cb_buf_done(&jwk);
        cb_arena_done(&arena);
    }
}

Test(access_token, escapes_what_a_claim_holds)
{
    cb_arena_init(&arena, 64 * CB_KIB);
    struct cb_signer s = signer_of(CB_ALG_EDDSA);
    struct cb_access_token odd = claims;
    odd.scope = CB_STR("a\"b\\\x01");
    struct cb_str token, jti;
    struct cb_jws_raw raw = { 0 };
    json_auto_t *payload = NULL;
    cr_assert_not(CB_FAILED(cb_access_token_write(&arena, &s, &odd, &token, &jti, NULL)));
    cr_assert_not(CB_FAILED(cb_jws_split(&arena, token, &raw, NULL)));
    cr_assert_not(CB_FAILED(cb_json_object(raw.payload_json, &payload, NULL)));
    struct cb_str scope = { 0 };
    cr_assert(cb_json_get_str(payload, "scope", &scope) && cb_str_eq(scope, odd.scope));
    cb_sign_key_free(s.key);
    cb_arena_done(&arena);
}
