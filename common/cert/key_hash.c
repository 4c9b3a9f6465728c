#include "cert/key_hash.h"

#include <openssl/evp.h>

#include "base/ct.h"
#include "jose/base64url.h"

cb_status cb_key_hash_of(struct cb_str spki, struct cb_key_hash *out, struct cb_err *err)
{
    struct cb_key_hash k = { 0 };
    CB_TRY_OSSL(EVP_Digest(spki.p, spki.n, k.b, NULL, EVP_sha256(), NULL), "SHA-256");
    *out = k;
    return CB_OK;
}

void cb_key_hash_text(const struct cb_key_hash *k, char out[CB_KEY_HASH_TEXT])
{
    cb_base64url_encode(k->b, sizeof k->b, out);
    out[CB_KEY_HASH_TEXT - 1] = '\0';
}

cb_status cb_key_hash_read(struct cb_str text, struct cb_key_hash *out, struct cb_err *err)
{
    struct cb_key_hash k = { 0 };
    size_t n = 0;
    CB_ENSURE(text.n == CB_KEY_HASH_TEXT - 1, CB_E_BASE64URL,
              "the hash of a key has %d characters of base64url, not %zu", CB_KEY_HASH_TEXT - 1, text.n);
    CB_TRY(cb_base64url_decode(text, k.b, sizeof k.b, &n, err));
    *out = k;
    return CB_OK;
}

bool cb_key_hash_eq(const struct cb_key_hash *a, const struct cb_key_hash *b)
{
    return cb_ct_eq(a->b, sizeof a->b, b->b, sizeof b->b);
}
