#include "onboarding/replay.h"

#include "base/buf.h"
#include "base/limits.h"
#include "cert/x5t.h"

/* As long as any, and says nothing; the length in front keeps two lists of parts apart. */
static cb_status hash_of(struct cb_str signer, struct cb_str jti, struct cb_x5t *out, struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, CB_LIMIT_JWS);
    cb_buf_add_fmt(&b, "%zu:", signer.n);
    cb_buf_add_str(&b, signer);
    cb_buf_add_str(&b, jti);
    CB_TRY(cb_buf_check(&b, err));
    return cb_x5t_of(cb_buf_str(&b), out, err);
}

cb_status cb_replay_use(struct cb_store *store, struct cb_str signer, struct cb_str jti, int64_t expires_at,
                        int64_t now, struct cb_err *err)
{
    struct cb_x5t hash;
    struct cb_err why = { 0 };
    CB_TRY(hash_of(signer, jti, &hash, err));
    const struct cb_str request = { (const char *)hash.b, sizeof hash.b };
    if (CB_FAILED(cb_store_request_use(store, request, expires_at, now, &why))) {
        CB_REFUSE(why.code == CB_E_EXISTS ? CB_E_DCR_METADATA : why.code, "%.200s", why.detail);
    }
    return CB_OK;
}
