#include "testlib/issuer.h"

#include <stdlib.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jwk.h"

#define DEMAND(x)                                                                                            \
    do {                                                                                                     \
        if (!(x))                                                                                            \
            abort();                                                                                         \
    } while (0)

struct cb_str test_der(void)
{
    static const char text[] = "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx"
                               "ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG"
                               "SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ"
                               "/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID"
                               "SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV"
                               "bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=";
    static uint8_t der[512];
    size_t n = 0;
    DEMAND(!CB_FAILED(cb_base64_decode(cb_str_of(text), der, sizeof der, &n, NULL)));
    return (struct cb_str){ (const char *)der, n };
}

char *test_jwks(struct cb_sign_key *const *keys, size_t count)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_LIMIT_JWK_SET);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < count; i++) {
        const struct cb_str kid = cb_str_of(cb_alg_name(cb_sign_key_alg(keys[i])));
        DEMAND(!CB_FAILED(cb_jwk_write(keys[i], kid, &j, NULL)));
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    cb_buf_add_char(&b, '\0');
    DEMAND(!b.failed);
    return b.p;
}

struct member {
    const char *name, *json;
};

static char *object_with(const struct member *members, const char *name, const char *value)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_MIB);
    bool replaced = name == NULL;
    const char *comma = "{";
    for (; members->name != NULL; members++) {
        const bool this = name != NULL && strcmp(members->name, name) == 0;
        const char *json = this ? value : members->json;
        replaced = replaced || this;
        if (json != NULL) {
            cb_buf_add_fmt(&b, "%s\"%s\":", comma, members->name);
            cb_buf_add_cstr(&b, json);
            comma = ",";
        }
    }
    if (!replaced && value != NULL) {
        cb_buf_add_fmt(&b, "%s\"%s\":", comma, name);
        cb_buf_add_cstr(&b, value);
    }
    cb_buf_add_char(&b, '}');
    cb_buf_add_char(&b, '\0');
    DEMAND(!b.failed);
    return b.p;
}

char *test_header(const char *name, const char *value)
{
    static const struct member members[] = {
        { "alg", "\"ES256\"" }, { "typ", "\"at+jwt\"" }, { "kid", "\"ES256\"" }, { 0 }
    };
    return object_with(members, name, value);
}

char *test_payload(const char *name, const char *value)
{
    static const struct member members[] = {
        { "iss", "\"" ISSUER "\"" },
        { "sub", "\"partner-a\"" },
        { "client_id", "\"partner-a\"" },
        { "aud", "\"" AUDIENCE "\"" },
        { "iat", "1800000000" },
        { "exp", "1800000300" },
        { "jti", "\"0123456789abcdef\"" },
        { "scope", "\"accounts payments:write\"" },
        { "cnf", CNF },
        { 0 },
    };
    return object_with(members, name, value);
}

char *test_token(struct cb_sign_key *key, const char *header, const char *payload)
{
    struct cb_buf header64, b;
    cb_buf_init(&header64, CB_MIB);
    cb_buf_init(&b, CB_MIB);
    cb_base64url_add(&header64, header, strlen(header));
    DEMAND(!CB_FAILED(cb_jws_write(key, cb_buf_str(&header64), cb_str_of(payload), &b, NULL)));
    cb_buf_add_char(&b, '\0');
    DEMAND(!b.failed);
    cb_buf_done(&header64);
    return b.p;
}

char *issuer_token(const struct issuer *i, const char *claim, const char *value)
{
    char *header = test_header(NULL, NULL);
    char *payload = test_payload(claim, value);
    char *token = test_token(i->es256, header, payload);
    free(header);
    free(payload);
    return token;
}

struct issuer issuer_new(void)
{
    struct issuer i = { .verifier = certbound_verifier_new() };
    DEMAND(i.verifier != NULL);
    DEMAND(!CB_FAILED(cb_sign_key_generate(CB_ALG_ES256, &i.es256, NULL)));
    DEMAND(!CB_FAILED(cb_sign_key_generate(CB_ALG_EDDSA, &i.eddsa, NULL)));
    char *jwks = test_jwks((struct cb_sign_key *[]){ i.es256, i.eddsa }, 2);
    DEMAND(certbound_verifier_set_issuer(i.verifier, ISSUER) == CERTBOUND_OK);
    DEMAND(certbound_verifier_set_audience(i.verifier, AUDIENCE) == CERTBOUND_OK);
    DEMAND(certbound_verifier_set_jwks(i.verifier, jwks, strlen(jwks)) == CERTBOUND_OK);
    free(jwks);
    return i;
}

void issuer_free(struct issuer *i)
{
    certbound_verifier_free(i->verifier);
    cb_sign_key_free(i->es256);
    cb_sign_key_free(i->eddsa);
}

certbound_code verdict(certbound_verifier *v, const char *token, struct cb_str der, int64_t now)
{
    certbound_code why = CERTBOUND_OK;
    certbound_claims *c =
        certbound_verify(v, token, token == NULL ? 0 : strlen(token), der.p, der.n, now, &why);
    DEMAND((c != NULL) == (why == CERTBOUND_OK));
    certbound_claims_free(c);
    return why;
}
