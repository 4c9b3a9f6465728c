#include "cert/x5t.h"

#include <openssl/evp.h>

#include "base/ct.h"
#include "jose/base64url.h"

cb_status cb_x5t_of(struct cb_str der, struct cb_x5t *out, struct cb_err *err)
{
    struct cb_x5t x = { 0 };
    CB_TRY_OSSL(EVP_Digest(der.p, der.n, x.b, NULL, EVP_sha256(), NULL), "SHA-256");
    *out = x;
    return CB_OK;
}

void cb_x5t_text(const struct cb_x5t *x, char out[CB_X5T_TEXT])
{
    cb_base64url_encode(x->b, sizeof x->b, out);
    out[CB_X5T_TEXT - 1] = '\0';
}

bool cb_x5t_eq(const struct cb_x5t *a, const struct cb_x5t *b)
{
    return cb_ct_eq(a->b, sizeof a->b, b->b, sizeof b->b);
}
