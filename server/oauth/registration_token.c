#include "oauth/registration_token.h"

#include "base/random.h"
#include "jose/base64url.h"

enum { TOKEN_BYTES = 32 };
#define TOKEN_TEXT CB_BASE64URL_LEN(TOKEN_BYTES)

static cb_status hash_of(struct cb_arena *a, struct cb_str token, struct cb_str *out, struct cb_err *err)
{
    struct cb_x5t *hash = cb_arena_alloc(a, sizeof *hash);
    CB_ENSURE(hash != NULL, CB_E_MEMORY, "registration token");
    CB_TRY(cb_x5t_of(token, hash, err));
    *out = (struct cb_str){ (const char *)hash->b, sizeof hash->b };
    return CB_OK;
}

cb_status cb_registration_token_new(struct cb_arena *a, struct cb_str *out_token, struct cb_str *out_hash,
                                    struct cb_err *err)
{
    uint8_t *bytes = cb_arena_alloc(a, TOKEN_BYTES); /* wiped with the arena */
    char *text = cb_arena_alloc(a, TOKEN_TEXT);
    CB_ENSURE(bytes != NULL && text != NULL, CB_E_MEMORY, "registration token");
    CB_TRY(cb_random(bytes, TOKEN_BYTES, err));
    cb_base64url_encode(bytes, TOKEN_BYTES, text);
    const struct cb_str token = { text, TOKEN_TEXT };
    CB_TRY(hash_of(a, token, out_hash, err));
    *out_token = token;
    return CB_OK;
}

cb_status cb_registration_token_read(struct cb_arena *a, struct cb_str authorization,
                                     struct cb_str *out_token, struct cb_str *out_hash, struct cb_err *err)
{
    const struct cb_str scheme = CB_STR("Bearer ");
    CB_ENSURE(authorization.n > scheme.n &&
                  cb_str_eq_nocase((struct cb_str){ authorization.p, scheme.n }, scheme),
              CB_E_DCR_TOKEN, "no Bearer token was sent");
    const struct cb_str token = { authorization.p + scheme.n, authorization.n - scheme.n };
    CB_ENSURE(token.n == TOKEN_TEXT, CB_E_DCR_TOKEN, "the token has %zu characters", token.n);
    CB_TRY(hash_of(a, token, out_hash, err));
    *out_token = token;
    return CB_OK;
}
