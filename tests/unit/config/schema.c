#include "config/schema.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "log/log.h"
#include "sample.h"

static bool is_number(const struct cb_key *k)
{
    return k->type == CB_KEY_INT || k->type == CB_KEY_DURATION;
}

Test(schema, every_row_is_complete)
{
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        const struct cb_key *k = &cb_keys[i];
        cr_expect_not_null(k->path);
        cr_expect_not_null(k->doc, "%s", k->path);
        cr_expect_null(strchr(k->doc, '|'), "%s: would end the cell of the reference", k->path);
        cr_expect_null(strchr(k->doc, '\n'), "%s", k->path);
        cr_expect_not(k->required && k->fallback != NULL, "%s", k->path);
        cr_expect_not(is_number(k) && k->fallback == NULL && !k->required, "%s has no value when left out",
                      k->path);
        cr_expect_not(is_number(k) && k->max <= k->min, "%s has no range", k->path);
        cr_expect_eq(k->type == CB_KEY_CHOICE, k->choices != NULL, "%s", k->path);
        cr_expect_eq(k->type == CB_KEY_LIST || k->type == CB_KEY_WORDS, k->count_offset != 0, "%s", k->path);
        cr_expect_eq(strchr(k->path, '.') != NULL, cb_key_parent(k) != NULL, "%s has no parent row", k->path);
    }
}

Test(schema, no_two_rows_have_one_name_or_one_place)
{
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct cb_key *a = &cb_keys[i], *b = &cb_keys[k];
            cr_expect_str_neq(a->path, b->path);
            const bool sections = a->type == CB_KEY_SECTION || b->type == CB_KEY_SECTION;
            cr_expect(sections || a->offset != b->offset || cb_key_parent(a) != cb_key_parent(b), "%s and %s",
                      a->path, b->path);
        }
    }
}

static bool is_in_a_list(const struct cb_key *k)
{
    while ((k = cb_key_parent(k)) != NULL && k->type != CB_KEY_LIST) {
    }
    return k != NULL;
}

/* Each member of the struct is somebody's: a byte that no row fills and that stays zero is a forgotten key.
 */
Test(schema, fills_the_whole_struct)
{
    static const size_t by_code[] = { offsetof(struct cb_config, path) };
    unsigned char covered[sizeof(struct cb_config)] = { 0 };
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        const struct cb_key *k = &cb_keys[i];
        if (k->type == CB_KEY_SECTION || is_in_a_list(k)) {
            continue;
        }
        memset(covered + k->offset, 1, 8);
        if (k->count_offset != 0) {
            memset(covered + k->count_offset, 1, sizeof(size_t));
        }
    }
    for (size_t i = 0; i < CB_COUNT(by_code); i++) {
        memset(covered + by_code[i], 1, 8);
    }
    /* What a listener does not have. */
    const size_t url = offsetof(struct cb_config_listener, url);
    const size_t group = offsetof(struct cb_config_listener, trust_group);
    const size_t proxy = offsetof(struct cb_config_listener, proxy), end = sizeof(struct cb_config_listener);
    const struct {
        enum cb_listener_id id;
        size_t from, to;
    } lacking[] = {
        { CB_LISTENER_PUBLIC, group, end },       { CB_LISTENER_MTLS, group, proxy },
        { CB_LISTENER_ADMIN, url, group },        { CB_LISTENER_ADMIN, proxy, end },
        { CB_LISTENER_OPS, sizeof(char *), end },
    };
    for (size_t i = 0; i < CB_COUNT(lacking); i++) {
        memset(covered + offsetof(struct cb_config, listeners) + (size_t)lacking[i].id * end +
                   lacking[i].from,
               1, lacking[i].to - lacking[i].from);
    }
    for (size_t i = 0; i < sizeof covered; i++) {
        cr_expect(covered[i] == 1, "byte %zu of struct cb_config has no key", i);
    }
}

Test(schema, finds_children_and_parents)
{
    const struct cb_key *tokens = cb_key_child(NULL, CB_STR("tokens"));
    cr_assert_not_null(tokens);
    const struct cb_key *lifetime = cb_key_child(tokens, CB_STR("lifetime"));
    cr_assert_str_eq(lifetime->path, "tokens.lifetime");
    cr_assert_eq(cb_key_parent(lifetime), tokens);
    cr_assert_null(cb_key_parent(tokens));
    cr_assert_null(cb_key_child(NULL, CB_STR("lifetime")));
    cr_assert_null(cb_key_child(NULL, CB_STR("tokens.lifetime")));
    cr_assert_null(cb_key_child(NULL, CB_STR("")));
    const struct cb_key *groups = cb_key_child(NULL, CB_STR("trust_groups"));
    cr_assert_str_eq(cb_key_child(groups, CB_STR("name"))->path, "trust_groups[].name");
}

Test(schema, knows_the_levels_of_the_log)
{
    struct cb_str levels =
                      cb_str_of(cb_key_child(cb_key_child(NULL, CB_STR("log")), CB_STR("level"))->choices),
                  one;
    int n = 0;
    while (cb_str_next(&levels, '|', &one)) {
        enum cb_log_level level = CB_LOG_DEBUG;
        cr_expect(cb_log_level_of(one, &level));
        cr_expect_eq((int)level, n++);
    }
    cr_expect_eq(n, CB_LOG_ERROR + 1);
}
