/* Opening: which strings, what is said about a wrong one, and what is not. */
#include <unistd.h>

#include "place.h"

TestSuite(open, .init = place_new, .fini = place_done);

static const struct {
    const char *where;
    enum cb_code code;
} strings[] = {
    { "", CB_E_CONFIG },
    { "sqlite", CB_E_CONFIG },
    { "sqlite:", CB_E_CONFIG },
    { "sqlite::memory:", CB_E_CONFIG },
    { "sqlite:file:x?mode=memory", CB_E_CONFIG },
    { "SQLITE:/tmp/x.db", CB_E_CONFIG },
    { " sqlite:/tmp/x.db", CB_E_CONFIG },
    { "sqlite:/nowhere/at/all/x.db", CB_E_FILE },
    { "sqlite:/dev/null/x.db", CB_E_FILE },
    { "sqlite:/tmp/x.db", CB_E_NONE },
    { "sqlite:x.db", CB_E_NONE },
    { "mysql://u:hunter2@h/d", CB_E_CONFIG },
    { "host=/tmp password=hunter2", CB_E_CONFIG },
    { "postgresql:", CB_E_CONFIG },
    { "postgresql://u:hunter2%zz@h/d", CB_E_CONFIG },
    { "postgresql://u:hunter2@h/d?no_such_word=1", CB_E_CONFIG },
    { "postgresql://u:hunter2@[::1/d", CB_E_CONFIG },
    { "postgresql://u:hunter2@h/d", CB_E_NONE },
    { "postgres://u:hunter2@h1:1,h2:2/d?target_session_attrs=any", CB_E_NONE },
};

Test(open, takes_the_two_kinds_only)
{
    for (size_t i = 0; i < CB_COUNT(strings); i++) {
        struct cb_store *s = NULL;
        EXPECT(cb_store_open(strings[i].where, &s, &err), strings[i].code);
        cr_expect_eq(s != NULL, strings[i].code == CB_E_NONE, "%s", strings[i].where);
        cr_expect_null(strstr(err.detail, "hunter2"), "%s", err.detail);
        cb_store_close(s);
    }
    cr_expect_neq(access("/tmp/x.db", F_OK), 0, "opening does not connect yet");
}

Test(open, names_the_kind_and_not_the_place)
{
    cr_expect_str_eq(cb_store_name(store), place_is_sqlite() ? "sqlite" : "postgresql");
}

Test(open, a_path_too_long_is_refused)
{
    static char where[5000] = "sqlite:";
    memset(where + 7, '/', sizeof where - 8);
    struct cb_store *s = NULL;
    EXPECT(cb_store_open(where, &s, &err), CB_E_CONFIG);
}

Test(open, closing_nothing_is_fine)
{
    cb_store_close(NULL);
}

Test(open, counts_what_it_sends)
{
    cr_expect_eq(cb_store_statement_count(store), 0);
    MUST(cb_store_migrate(store, 1000, &err));
    const uint64_t before = cb_store_statement_count(store);
    cr_expect_gt(before, 0);
    EXPECT(cb_store_client_set_enabled(store, CB_STR("a"), true, 1, &err), CB_E_NOT_FOUND);
    cr_expect_eq(cb_store_statement_count(store), before + 1);
    (void)generation();
    cr_expect_eq(cb_store_statement_count(store), before + 4, "begin, one query, commit");
    bool changed = false;
    MUST(cb_store_wait_change(store, 1, 0, &changed, &err));
    cr_expect_eq(cb_store_statement_count(store), before + 4, "waiting is not counted");
}
