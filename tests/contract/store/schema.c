/* Migrations: fresh, applied, newer, another history. */
#include "place.h"

TestSuite(schema, .init = place_new, .fini = place_done);

static struct cb_schema_status status(void)
{
    struct cb_schema_status s;
    MUST(cb_store_schema_status(store, &s, &err));
    return s;
}

Test(schema, a_fresh_database_has_none_and_is_refused)
{
    int64_t g = -7;
    const struct cb_client_record c = client_of("a");
    cr_expect_eq(status().applied, 0);
    cr_expect_geq(status().known, 1);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_SCHEMA);
    cr_expect_not_null(strstr(err.detail, "certbound db migrate"), "%s", err.detail);
    EXPECT(cb_store_read_registry(store, &(struct cb_registry_reader){ 0 }, &g, &err), CB_E_STORE_SCHEMA);
    EXPECT(cb_store_client_add(store, &c, &err), CB_E_STORE_SCHEMA);
    bool changed = false;
    EXPECT(cb_store_wait_change(store, 0, 0, &changed, &err), CB_E_STORE_SCHEMA);
    cr_expect_eq(g, -7);
}

Test(schema, migrating_applies_all_and_says_when)
{
    MUST(cb_store_migrate(store, 1234, &err));
    cr_expect_eq(status().applied, status().known);
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
    cr_expect_eq(place_number("SELECT count(*) FROM schema_migrations"), status().known);
    cr_expect_eq(place_number("SELECT min(applied_at) FROM schema_migrations"), 1234);
    cr_expect_eq(generation(), 1);
}

Test(schema, migrating_again_changes_nothing)
{
    MUST(cb_store_migrate(store, 1000, &err));
    MUST(cb_store_migrate(store, 2000, &err));
    cr_expect_eq(place_number("SELECT max(applied_at) FROM schema_migrations"), 1000);
    cr_expect_eq(generation(), 1);
}

Test(schema, another_handle_that_was_open_before_sees_it)
{
    struct cb_store *other = NULL;
    MUST(cb_store_open(place, &other, &err));
    EXPECT(cb_store_check_schema(other, &err), CB_E_STORE_SCHEMA);
    MUST(cb_store_migrate(store, 1000, &err));
    EXPECT(cb_store_check_schema(other, &err), CB_E_NONE);
    cb_store_close(other);
}

static void expect_refused(const char *tampering)
{
    MUST(cb_store_migrate(store, 1000, &err));
    place_do(tampering);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_SCHEMA);
    EXPECT(cb_store_migrate(store, 2000, &err), CB_E_STORE_SCHEMA);
}

Test(schema, a_newer_database_is_refused)
{
    expect_refused("INSERT INTO schema_migrations"
                   " SELECT max(number) + 1, 'from_the_future', max(checksum), 0 FROM schema_migrations");
    cr_expect_not_null(strstr(err.detail, "newer"), "%s", err.detail);
    cr_expect_eq(status().applied, status().known + 1);
}

Test(schema, another_checksum_is_refused)
{
    expect_refused("UPDATE schema_migrations SET checksum = replace(checksum, substr(checksum, 1, 1), 'z')");
}

Test(schema, another_name_is_refused)
{
    expect_refused("UPDATE schema_migrations SET name = 'other' WHERE number = 1");
}

Test(schema, a_gap_is_refused)
{
    expect_refused("UPDATE schema_migrations SET number = number + 1 WHERE number = "
                   "(SELECT max(number) FROM schema_migrations)");
}

Test(schema, a_lost_record_is_refused)
{
    MUST(cb_store_migrate(store, 1000, &err));
    place_do("DELETE FROM schema_migrations");
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_SCHEMA);
}

Test(schema, a_migration_that_fails_leaves_nothing)
{
    place_do("CREATE TABLE signing_keys (x INTEGER)");
    EXPECT(cb_store_migrate(store, 1000, &err), CB_E_STORE);
    cr_expect_eq(status().applied, 0);
    cr_expect_not(place_works("SELECT 1 FROM clients"));
    place_do("DROP TABLE signing_keys");
    MUST(cb_store_migrate(store, 1000, &err));
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
}

Test(schema, a_column_that_is_gone_is_a_schema_error)
{
    MUST(cb_store_migrate(store, 1000, &err));
    place_do("ALTER TABLE clients RENAME COLUMN scope TO scopes");
    const struct cb_client_record c = client_of("a");
    EXPECT(cb_store_client_add(store, &c, &err), CB_E_STORE_SCHEMA);
}
