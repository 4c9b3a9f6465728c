#include "keys/keys.h"

#include "base/limits.h"
#include "jose/jwk.h"

static const char *const state_names[] = {
    [CB_KEY_RETIRED] = "retired",
    [CB_KEY_PENDING] = "pending",
    [CB_KEY_SIGNING] = "signing",
    [CB_KEY_RETIRING] = "retiring",
};

const char *cb_key_state_name(enum cb_key_state s)
{
    return state_names[s];
}

static bool in_use(const struct cb_key_record *k, int64_t now)
{
    return k->active_from <= now && k->retired_at == 0;
}

/* Later start wins; the kid decides between two of the same second, so that all nodes choose alike. */
static bool supersedes(const struct cb_key_record *a, const struct cb_key_record *b)
{
    return a->active_from != b->active_from ? a->active_from > b->active_from
                                            : cb_str_order(a->kid, b->kid) > 0;
}

enum cb_key_state cb_key_state_of(const struct cb_key_record *keys, size_t count, size_t i, int64_t now)
{
    if (keys[i].retired_at != 0) {
        return CB_KEY_RETIRED;
    }
    if (keys[i].active_from > now) {
        return CB_KEY_PENDING;
    }
    int64_t superseded_at = 0; /* when the first of its successors began to sign */
    for (size_t k = 0; k < count; k++) {
        if (in_use(&keys[k], now) && supersedes(&keys[k], &keys[i]) &&
            (superseded_at == 0 || keys[k].active_from < superseded_at)) {
            superseded_at = keys[k].active_from;
        }
    }
    if (superseded_at == 0) {
        return CB_KEY_SIGNING;
    }
    return now < superseded_at + CB_KEY_LINGER_S ? CB_KEY_RETIRING : CB_KEY_RETIRED;
}

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
