#include "config/schema.h"

static bool same_text(const char *x, const char *y)
{
    return x == NULL || y == NULL ? x == y : cb_str_is(cb_str_of(x), y);
}

static bool same_words(const struct cb_key *key, const void *old, const void *fresh)
{
    const size_t n = *(const size_t *)((const char *)old + key->count_offset);
    const char *const *a = *(const char *const *const *)cb_key_value(key, old);
    const char *const *b = *(const char *const *const *)cb_key_value(key, fresh);
    bool same = n == *(const size_t *)((const char *)fresh + key->count_offset);
    for (size_t i = 0; same && i < n; i++) {
        same = same_text(a[i], b[i]);
    }
    return same;
}

static bool same(const struct cb_key *key, const void *old, const void *fresh)
{
    const void *a = cb_key_value(key, old), *b = cb_key_value(key, fresh);
    switch (key->type) {
        case CB_KEY_SECTION:
        case CB_KEY_LIST: /* every list is reloadable */
            return true;
        case CB_KEY_WORDS:
            return same_words(key, old, fresh);
        case CB_KEY_INT:
        case CB_KEY_DURATION:
            return *(const int64_t *)a == *(const int64_t *)b;
        case CB_KEY_BOOL:
            return *(const bool *)a == *(const bool *)b;
        case CB_KEY_TEXT:
        case CB_KEY_PATH:
        case CB_KEY_STORE:
        case CB_KEY_CHOICE:
            break;
    }
    return same_text(*(const char *const *)a, *(const char *const *)b);
}

void cb_config_restart_needed(const struct cb_config *old, const struct cb_config *fresh, struct cb_buf *out)
{
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        const struct cb_key *k = &cb_keys[i];
        if (!k->reloadable && !same(k, old, fresh)) {
            cb_buf_add_cstr(out, out->n > 0 ? ", " : "");
            cb_buf_add_cstr(out, k->path);
        }
    }
}
