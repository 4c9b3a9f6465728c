#include "base/limits.h"
#include "jose/jwk.h"
#include "keys/keys.h"

static void free_sign_key(struct cb_sign_key **k)
{
    cb_sign_key_free(*k);
}

static cb_status seal(const struct cb_kek *kek, struct cb_sign_key *key, struct cb_str kid,
                      struct cb_buf *out, struct cb_err *err)
{
    struct cb_buf clear CB_AUTO(cb_buf_done);
    cb_buf_init(&clear, CB_LIMIT_SECRET_FILE);
    CB_TRY(cb_sign_key_to_pkcs8(key, &clear, err));
    return cb_kek_seal(kek, kid, cb_buf_str(&clear), out, err);
}

cb_status cb_keys_create(struct cb_store *s, const struct cb_kek *kek, enum cb_alg alg, bool first_only,
                         int64_t now, int64_t publish_ahead_s, char out_kid[CB_KID_TEXT], struct cb_err *err)
{
    CB_AUTO(free_sign_key) struct cb_sign_key *key = NULL;
    CB_TRY(cb_sign_key_generate(alg, &key, err));
    CB_TRY(cb_second_opinion(key, err));

    char kid[CB_JWK_THUMBPRINT_TEXT];
    struct cb_buf jwk CB_AUTO(cb_buf_done);
    struct cb_buf sealed CB_AUTO(cb_buf_done);
    cb_buf_init(&jwk, 4 * CB_KIB);
    cb_buf_init(&sealed, CB_LIMIT_SECRET_FILE);
    struct cb_json_out json = cb_json_out(&jwk);
    CB_TRY(cb_jwk_thumbprint(key, kid, err));
    CB_TRY(cb_jwk_write(key, cb_str_of(kid), &json, err));
    CB_TRY(cb_buf_check(&jwk, err));
    CB_TRY(seal(kek, key, cb_str_of(kid), &sealed, err));

    const struct cb_key_record record = {
        .kid = cb_str_of(kid),
        .alg = cb_str_of(cb_alg_name(alg)),
        .public_jwk = cb_buf_str(&jwk),
        .sealed = cb_buf_str(&sealed),
        .created_at = now,
        .active_from = first_only ? now : now + publish_ahead_s,
    };
    CB_TRY(cb_store_key_add(s, &record, first_only, now, err));
    if (out_kid != NULL) {
        memcpy(out_kid, kid, sizeof kid);
    }
    return CB_OK;
}
