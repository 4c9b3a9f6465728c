#include "config/schema.h"

static bool same(const struct cb_key *key, const void *a, const void *b)
{
    if (key->type == CB_KEY_INT || key->type == CB_KEY_DURATION) {
        return *(const int64_t *)a == *(const int64_t *)b;
    }
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    return x == NULL || y == NULL ? x == y : cb_str_is(cb_str_of(x), y);
}

void cb_config_restart_needed(const struct cb_config *old, const struct cb_config *fresh, struct cb_buf *out)
{
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        const struct cb_key *k = &cb_keys[i];
        const bool single = k->type != CB_KEY_SECTION && k->type != CB_KEY_LIST && k->type != CB_KEY_WORDS;
        if (single && !k->reloadable && !same(k, cb_key_value(k, old), cb_key_value(k, fresh))) {
            cb_buf_add_cstr(out, out->n > 0 ? ", " : "");
            cb_buf_add_cstr(out, k->path);
        }
    }
}
