#include "keys/keys.h"

static cb_status check_unused(const struct cb_key_record *keys, size_t count, size_t i, int64_t now,
                              struct cb_err *err)
{
    const enum cb_key_state state = cb_key_state_of(keys, count, i, now);
    CB_ENSURE(state != CB_KEY_SIGNING && state != CB_KEY_RETIRING, CB_E_KEY_IN_USE,
              "tokens of this key are in use; `key rotate` replaces it, --force ends them now");
    return CB_OK;
}

cb_status cb_keys_retire(struct cb_store *s, struct cb_str kid, bool force, int64_t now, struct cb_err *err)
{
    return cb_store_key_retire(s, kid, force ? NULL : check_unused, now, err);
}
