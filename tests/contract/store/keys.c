/* Signing keys: added once, rotated one at a time, retired once. */
#include "base/limits.h"
#include "place.h"

TestSuite(keys, .init = place_migrated, .fini = place_done);

struct seen {
    size_t count;
    char kids[64];
    int64_t retired_at;
};

static cb_status see(void *ctx, const struct cb_key_record *k, struct cb_err *e)
{
    (void)e;
    struct seen *seen = ctx;
    seen->count++;
    seen->retired_at = k->retired_at;
    (void)strncat(seen->kids, k->kid.p, k->kid.n);
    return CB_OK;
}

static struct seen read_keys(void)
{
    struct seen seen = { 0 };
    int64_t g = 0;
    MUST(cb_store_read_registry(store, &(struct cb_registry_reader){ .key = see, .ctx = &seen }, &g, &err));
    return seen;
}

static enum cb_code add(const char *kid, int64_t active_from, bool first_only, int64_t now)
{
    const struct cb_key_record k = key_of(kid, active_from);
    return CODE(cb_store_key_add(store, &k, first_only, now, &err));
}

static cb_status expect_key(void *ctx, const struct cb_key_record *k, struct cb_err *e)
{
    (void)e;
    const struct cb_key_record *want = ctx;
    cr_expect(cb_str_eq(k->kid, want->kid));
    cr_expect(cb_str_eq(k->alg, want->alg));
    cr_expect(cb_str_eq(k->public_jwk, want->public_jwk));
    cr_expect(cb_str_eq(k->sealed, want->sealed));
    cr_expect_eq(k->created_at, want->created_at);
    cr_expect_eq(k->active_from, want->active_from);
    cr_expect_eq(k->retired_at, 0);
    return CB_OK;
}

Test(keys, keeps_every_field)
{
    struct cb_key_record k = key_of("k1", 1500);
    k.created_at = INT64_MAX;
    k.retired_at = 7; /* not said here */
    int64_t g = 0;
    MUST(cb_store_key_add(store, &k, false, 1000, &err));
    MUST(cb_store_read_registry(store, &(struct cb_registry_reader){ .key = expect_key, .ctx = &k }, &g,
                                &err));
}

Test(keys, the_first_is_added_once)
{
    cr_expect_eq(add("k1", 1000, true, 1000), CB_E_NONE);
    cr_expect_eq(add("k2", 1000, true, 1000), CB_E_EXISTS);
    MUST(cb_store_key_retire(store, CB_STR("k1"), NULL, 2000, &err));
    cr_expect_eq(add("k2", 2000, true, 2000), CB_E_NONE, "a retired key is no key");
}

Test(keys, one_rotation_at_a_time)
{
    cr_expect_eq(add("k1", 1000, false, 1000), CB_E_NONE);
    cr_expect_eq(add("k2", 2000, false, 1000), CB_E_NONE, "an active_from that is now is not later");
    cr_expect_eq(add("k3", 3000, false, 1999), CB_E_EXISTS);
    cr_expect_eq(add("k3", 3000, false, 2000), CB_E_NONE);
    cr_expect_eq(add("k4", 4000, false, 2500), CB_E_EXISTS);
    MUST(cb_store_key_retire(store, CB_STR("k3"), NULL, 2500, &err));
    cr_expect_eq(add("k4", 4000, false, 2500), CB_E_NONE, "a retired key waits for nothing");
    cr_expect_str_eq(read_keys().kids, "k1k2k3k4");
}

Test(keys, of_one_kid_there_is_one)
{
    cr_expect_eq(add("k1", 1000, false, 1000), CB_E_NONE);
    cr_expect_eq(add("k1", 1000, false, 1000), CB_E_EXISTS);
    cr_expect_not_null(strstr(err.detail, "kid"), "%s", err.detail);
}

Test(keys, are_retired_once)
{
    cr_expect_eq(add("k1", 1000, false, 1000), CB_E_NONE);
    EXPECT(cb_store_key_retire(store, CB_STR("k2"), NULL, 2000, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_key_retire(store, CB_STR(""), NULL, 2000, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_key_retire(store, CB_STR("k1\0"), NULL, 2000, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_key_retire(store, CB_STR("k1"), NULL, 2000, &err), CB_E_NONE);
    EXPECT(cb_store_key_retire(store, CB_STR("k1"), NULL, 3000, &err), CB_E_NOT_FOUND);
    const struct seen seen = read_keys();
    cr_expect_eq(seen.retired_at, 2000);
    cr_expect_eq(seen.count, 1, "a retired key is still read");
}

/* As strict as no rule of ours: only the last key may go, and only at an even second. */
static cb_status last_at_even_second(const struct cb_key_record *keys, size_t count, size_t i, int64_t now,
                                     struct cb_err *e)
{
    cr_expect(keys[i].sealed.n == 0 && keys[i].public_jwk.n > 0 && keys[i].alg.n > 0);
    if (i + 1 == count && now % 2 == 0) {
        return CB_OK;
    }
    cb_err_set(e, CB_E_KEY_IN_USE, __FILE__, __LINE__, "key %zu of %zu", i, count);
    return CB_FAIL;
}

Test(keys, a_judge_decides_whether_one_is_retired)
{
    enum { MANY = 70 };
    for (int i = 0; i < MANY; i++) {
        char kid[8];
        (void)snprintf(kid, sizeof kid, "k%02d", i);
        cr_assert_eq(add(kid, 1000, false, 1000), CB_E_NONE);
    }
    const int64_t g = generation();
    EXPECT(cb_store_key_retire(store, CB_STR("k00"), last_at_even_second, 2000, &err), CB_E_KEY_IN_USE);
    cr_expect_str_eq(err.detail, "key 0 of 70");
    EXPECT(cb_store_key_retire(store, CB_STR("k69"), last_at_even_second, 2001, &err), CB_E_KEY_IN_USE);
    EXPECT(cb_store_key_retire(store, CB_STR("k70"), last_at_even_second, 2000, &err), CB_E_NOT_FOUND);
    cr_expect_eq(generation(), g);
    EXPECT(cb_store_key_retire(store, CB_STR("k69"), last_at_even_second, 2000, &err), CB_E_NONE);
    cr_expect_eq(generation(), g + 1);
}

Test(keys, each_string_has_its_bounds)
{
    static char text[CB_LIMIT_SIGNING_KEY + 1];
    static const struct {
        size_t offset, max;
        bool is_text;
    } rows[] = {
        { offsetof(struct cb_key_record, kid), CB_LIMIT_KID, true },
        { offsetof(struct cb_key_record, alg), CB_LIMIT_NAME, true },
        { offsetof(struct cb_key_record, public_jwk), CB_LIMIT_SIGNING_KEY, true },
        { offsetof(struct cb_key_record, sealed), CB_LIMIT_SIGNING_KEY, false },
    };
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        char kid[8];
        (void)snprintf(kid, sizeof kid, "k%zu", i);
        struct cb_key_record k = key_of(kid, 1000);
        struct cb_str *field = (void *)((char *)&k + rows[i].offset);
        const struct cb_str values[] = {
            { text, rows[i].max + 1 }, { "", 0 }, { "a\0\xff", 3 }, { text, rows[i].max }
        };
        const enum cb_code codes[] = { CB_E_INTERNAL, CB_E_INTERNAL,
                                       rows[i].is_text ? CB_E_INTERNAL : CB_E_NONE,
                                       rows[i].is_text ? CB_E_NONE : CB_E_EXISTS };
        for (size_t v = 0; v < CB_COUNT(values); v++) {
            *field = values[v];
            cr_expect_eq(CODE(cb_store_key_add(store, &k, false, 1000, &err)), codes[v],
                         "row %zu value %zu: %s", i, v, err.detail);
        }
    }
}

Test(keys, times_are_after_1970)
{
    cr_expect_eq(add("k1", -1, false, 1000), CB_E_INTERNAL);
}

Test(keys, every_change_moves_the_generation_by_one)
{
    const int64_t g = generation();
    cr_expect_eq(add("k1", 1000, true, 1000), CB_E_NONE);
    cr_expect_eq(generation(), g + 1);
    cr_expect_eq(add("k2", 1000, true, 1000), CB_E_EXISTS);
    EXPECT(cb_store_key_retire(store, CB_STR("k2"), NULL, 1000, &err), CB_E_NOT_FOUND);
    cr_expect_eq(generation(), g + 1);
    MUST(cb_store_key_retire(store, CB_STR("k1"), NULL, 1000, &err));
    cr_expect_eq(generation(), g + 2);
}
