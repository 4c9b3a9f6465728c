#include "base/limits.h"
#include "partner/near.h"

size_t cb_differing_bytes(struct cb_str a, struct cb_str b)
{
    const size_t shorter = a.n < b.n ? a.n : b.n, longer = a.n < b.n ? b.n : a.n;
    size_t same = 0, end = 0;
    while (same < shorter && a.p[same] == b.p[same]) {
        same++;
    }
    while (same + end < shorter && a.p[a.n - 1 - end] == b.p[b.n - 1 - end]) {
        end++;
    }
    return longer - same - end;
}

enum { PARTS_MAX = 32, SAME_MIN = 2 };

struct parts {
    struct cb_str all[PARTS_MAX];
    size_t count;
};

static const struct {
    const char *separators;
    bool folds_case;
    bool first_is_free, last_is_free; /* may be wholly another */
} rules[CB_SAN__MAX] = {
    [CB_SAN_DNS] = { ".", true, true, false },
    [CB_SAN_URI] = { ":/.?#", false, false, false },
    [CB_SAN_IP] = { ".:", false, false, true },
    [CB_SAN_EMAIL] = { "@.", true, true, false },
};

/* Without the empty ones; false when there are too many. */
static bool split(struct cb_str text, const char *separators, struct parts *out)
{
    size_t start = 0;
    out->count = 0;
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && strchr(separators, text.p[i]) == NULL) {
            continue;
        }
        if (i > start) {
            if (out->count == PARTS_MAX) {
                return false;
            }
            out->all[out->count++] = (struct cb_str){ text.p + start, i - start };
        }
        start = i + 1;
    }
    return true;
}

static bool same_part(enum cb_san_kind kind, struct cb_str a, struct cb_str b)
{
    return rules[kind].folds_case ? cb_str_eq_nocase(a, b) : cb_str_eq(a, b);
}

static bool is_alike(struct cb_str a, struct cb_str b)
{
    return 2 * cb_differing_bytes(a, b) <= (a.n > b.n ? a.n : b.n);
}

bool cb_san_is_near(enum cb_san_kind kind, struct cb_str registered, struct cb_str presented)
{
    struct parts a, b;
    if (!split(registered, rules[kind].separators, &a) || !split(presented, rules[kind].separators, &b)) {
        return false;
    }
    const size_t shorter = a.count < b.count ? a.count : b.count;
    const size_t longer = a.count < b.count ? b.count : a.count;
    size_t begin = 0, end = 0; /* parts that both begin and end with */
    while (begin < shorter && same_part(kind, a.all[begin], b.all[begin])) {
        begin++;
    }
    while (begin + end < shorter && same_part(kind, a.all[a.count - 1 - end], b.all[b.count - 1 - end])) {
        end++;
    }
    if (begin + end < SAME_MIN || longer - begin - end > 1) {
        return false;
    }
    return (begin == 0 && rules[kind].first_is_free) || (end == 0 && rules[kind].last_is_free) ||
           (a.count == b.count && begin < longer && is_alike(a.all[begin], b.all[begin]));
}
