#include "jose/base64url.h"
#include "jose/jws.h"

cb_status cb_jws_write(struct cb_sign_key *k, struct cb_str header64, struct cb_str payload,
                       struct cb_buf *out, struct cb_err *err)
{
    const size_t start = out->n;
    cb_buf_add_str(out, header64);
    cb_buf_add_char(out, '.');
    cb_base64url_add(out, payload.p, payload.n);
    CB_TRY(cb_buf_check(out, err));

    uint8_t signature[CB_SIGNATURE_MAX];
    size_t n = 0;
    CB_TRY(cb_sign(k, (struct cb_str){ out->p + start, out->n - start }, signature, &n, err));
    cb_buf_add_char(out, '.');
    cb_base64url_add(out, signature, n);
    return cb_buf_check(out, err);
}
