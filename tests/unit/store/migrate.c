/* More than one migration: over SQLite, with files of the test's own. */
#include "store/migrate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "store/tx.h"

#define SUM(c) c c c c c c c c c c c c c c c c

static char folder[] = "/tmp/certbound-migrate-XXXXXX";
static char file[64];
static struct cb_sql_file files[4];
static struct cb_store_ops ops;
static struct cb_store *store;
static struct cb_err err;

static void init(void)
{
    char where[80];
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/store.db", folder);
    (void)snprintf(where, sizeof where, "sqlite:%s", file);
    cr_assert_not(CB_FAILED(cb_store_open(where, &store, &err)));
    files[0] = cb_sql_sqlite_migrations[0];
    ops = cb_store_sqlite;
    ops.migrations = files;
    store->ops = &ops;
}

static void done(void)
{
    cb_store_close(store);
    (void)unlink(file);
    (void)rmdir(folder);
}

TestSuite(migrate, .init = init, .fini = done);

static enum cb_code migrate(void)
{
    cb_err_clear(&err);
    (void)cb_store_migrate(store, 1000, &err).v_;
    return err.code;
}

static enum cb_code check(void)
{
    cb_err_clear(&err);
    (void)cb_store_check_schema(store, &err).v_;
    return err.code;
}

static int applied(void)
{
    struct cb_schema_status s = { 0 };
    cr_assert_not(CB_FAILED(cb_store_schema_status(store, &s, &err)));
    return s.applied;
}

static const struct cb_sql_file second = { "0002_second", SUM("0002"), "CREATE TABLE second (x); " };
static const struct cb_sql_file third = { "0003_third", SUM("0003"),
                                          "CREATE TABLE third (x); CREATE TABLE fourth (x);" };
static const struct cb_sql_file bad = { "0003_third", SUM("0bad"),
                                        "CREATE TABLE third (x); CREATE TABLE second (x);" };

Test(migrate, applies_only_what_is_missing)
{
    cr_expect_eq(migrate(), CB_E_NONE, "%s", err.detail);
    cr_expect_eq(applied(), 1);
    files[1] = second;
    files[2] = third;
    cr_expect_eq(check(), CB_E_STORE_SCHEMA);
    cr_expect_not_null(strstr(err.detail, "migration 1 of 3"), "%s", err.detail);
    cr_expect_eq(migrate(), CB_E_NONE, "%s", err.detail);
    cr_expect_eq(applied(), 3);
    cr_expect_eq(check(), CB_E_NONE);
}

Test(migrate, each_is_a_transaction_of_its_own)
{
    files[1] = second;
    files[2] = bad;
    cr_expect_eq(migrate(), CB_E_STORE);
    cr_expect_eq(applied(), 2, "those before stay");
    files[2] = third; /* would fail if the table of that name were there */
    cr_expect_eq(migrate(), CB_E_NONE, "%s", err.detail);
    cr_expect_eq(applied(), 3);
}

Test(migrate, a_program_that_knows_less_refuses)
{
    files[1] = second;
    cr_expect_eq(migrate(), CB_E_NONE);
    files[1] = (struct cb_sql_file){ 0 };
    cr_expect_eq(check(), CB_E_STORE_SCHEMA);
    cr_expect_eq(migrate(), CB_E_STORE_SCHEMA);
    cr_expect_eq(applied(), 2);
}

Test(migrate, a_file_that_was_edited_is_refused_wherever_it_stands)
{
    files[1] = second;
    files[2] = third;
    cr_expect_eq(migrate(), CB_E_NONE);
    files[1].checksum = SUM("ffff");
    cr_expect_eq(check(), CB_E_STORE_SCHEMA);
    cr_expect_not_null(strstr(err.detail, "migration 2"), "%s", err.detail);
    cr_expect_eq(migrate(), CB_E_STORE_SCHEMA);
}

Test(migrate, files_are_numbered_without_gaps)
{
    static const struct {
        struct cb_sql_file files[3];
        enum cb_code code;
    } rows[] = {
        { { { "0001_a", "", "" } }, CB_E_NONE },
        { { { "0001_a", "", "" }, { "0002_b", "", "" } }, CB_E_NONE },
        { { { 0 } }, CB_E_INTERNAL },
        { { { "0002_a", "", "" } }, CB_E_INTERNAL },
        { { { "0001_a", "", "" }, { "0003_b", "", "" } }, CB_E_INTERNAL },
        { { { "0001_a", "", "" }, { "0001_b", "", "" } }, CB_E_INTERNAL },
        { { { "first", "", "" } }, CB_E_INTERNAL },
        { { { "0001", "", "" } }, CB_E_INTERNAL },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cb_err_clear(&err);
        (void)cb_migrations_check(rows[i].files, &err).v_;
        cr_expect_eq(err.code, rows[i].code, "row %zu", i);
    }
}
