#include "keys/keys.h"

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
