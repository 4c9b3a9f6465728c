#include "oauth/access_token.h"

#include "base/limits.h"
#include "base/random.h"
#include "jose/base64url.h"

static cb_status new_jti(struct cb_arena *a, struct cb_str *out, struct cb_err *err)
{
    uint8_t bytes[CB_RANDOM_NAME];
    char *text = cb_arena_alloc(a, CB_JTI_TEXT);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "jti");
    CB_TRY(cb_random_name(bytes, err));
    cb_base64url_encode(bytes, sizeof bytes, text);
    *out = (struct cb_str){ text, CB_JTI_TEXT };
    return CB_OK;
}

static void write_claims(const struct cb_access_token *t, struct cb_str jti, struct cb_buf *out)
{
    char x5t[CB_X5T_TEXT];
    cb_x5t_text(&t->x5t, x5t);
    struct cb_json_out j = cb_json_out(out);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "iss", t->issuer);
    cb_json_put_str(&j, "sub", t->subject);
    cb_json_put_str(&j, "client_id", t->client_id);
    cb_json_put_str(&j, "aud", t->audience);
    cb_json_put_int(&j, "iat", t->issued_at);
    cb_json_put_int(&j, "exp", t->expires_at);
    cb_json_put_str(&j, "jti", jti);
    cb_json_put_str(&j, "scope", t->scope);
    cb_json_key(&j, "cnf");
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "x5t#S256", x5t);
    cb_json_close(&j, '}');
    cb_json_close(&j, '}');
}

cb_status cb_access_token_write(struct cb_arena *a, const struct cb_signer *signer,
                                const struct cb_access_token *t, struct cb_str *out_token,
                                struct cb_str *out_jti, struct cb_err *err)
{
    const size_t claims_room =
        512 + t->issuer.n + 6 * (t->subject.n + t->client_id.n) + t->audience.n + 6 * t->scope.n;
    const size_t token_room =
        signer->token_header64.n + CB_BASE64URL_LEN(claims_room) + CB_BASE64URL_LEN(CB_SIGNATURE_MAX) + 2;
    char *claims_memory = cb_arena_alloc(a, claims_room);
    char *token_memory = cb_arena_alloc(a, token_room);
    CB_ENSURE(claims_memory != NULL && token_memory != NULL, CB_E_MEMORY, "access token");
    struct cb_str jti = { 0 };
    struct cb_buf claims, token;
    cb_buf_over(&claims, claims_memory, claims_room);
    cb_buf_over(&token, token_memory, token_room);

    CB_TRY(new_jti(a, &jti, err));
    write_claims(t, jti, &claims);
    CB_TRY(cb_buf_check(&claims, err));
    CB_TRY(cb_jws_write(signer->key, signer->token_header64, cb_buf_str(&claims), &token, err));
    CB_TRY(cb_buf_check(&token, err));
    *out_token = cb_buf_str(&token);
    *out_jti = jti;
    return CB_OK;
}
