#include "onboarding/replay.h"

#include <criterion/criterion.h>

#include "testlib/database.h"

static struct cb_store *store;

static void init(void)
{
    char where[512];
    struct cb_err err = { 0 };
    database_sqlite.make(where, sizeof where);
    cr_assert_not(CB_FAILED(cb_store_open(where, &store, &err)), "%s", err.detail);
    cr_assert_not(CB_FAILED(cb_store_migrate(store, 0, &err)), "%s", err.detail);
}

static void done(void)
{
    cb_store_close(store);
    database_sqlite.drop();
}

TestSuite(replay, .init = init, .fini = done);

static enum cb_code use(const char *signer, const char *jti, int64_t expires_at, int64_t now)
{
    struct cb_err err = { 0 };
    (void)CB_FAILED(cb_replay_use(store, cb_str_of(signer), cb_str_of(jti), expires_at, now, &err));
    return err.code;
}

Test(replay, lets_a_request_through_once)
{
    cr_expect_eq(use("s", "1", 100, 10), CB_E_NONE);
    cr_expect_eq(use("s", "1", 100, 99), CB_E_DCR_METADATA);
    cr_expect_eq(use("s", "2", 100, 10), CB_E_NONE);
    cr_expect_eq(use("t", "1", 100, 10), CB_E_NONE); /* each signer has its own */
    cr_expect_eq(use("s1", "", 100, 10), CB_E_NONE); /* and no two lists of parts are one */
    cr_expect_eq(use("s", "1", 200, 100), CB_E_NONE);
}
