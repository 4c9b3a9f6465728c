/* Migrations: fresh, applied, newer, another history. */
#include "place.h"
#include "store/store_ops.h"

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

/* --- databases of earlier versions --- */

static const struct cb_sql_file *migrations(void)
{
    return place_is_sqlite() ? cb_sql_sqlite_migrations : cb_sql_postgresql_migrations;
}

/* As the version that knew only the first `count` left it. */
static void migrated_by_an_earlier_version(int count)
{
    for (int i = 0; i < count; i++) {
        char record[300];
        place_do(migrations()[i].sql);
        (void)snprintf(record, sizeof record, "INSERT INTO schema_migrations VALUES (%d, '%s', '%s', 500)",
                       i + 1, migrations()[i].name, migrations()[i].checksum);
        place_do(record);
    }
}

/* These are in the field: who edits one makes every database there refuse to start. */
Test(schema, migrations_that_were_released_never_change)
{
    static const char *const sqlite[] = {
        "87cf4d6e096540e84738c45311fc0f4db3ae806c530ea8d99af54afb0db6bd65"
    };
    static const char *const postgresql[] = {
        "4c618fe933c5155683e3a676bcf10cd5973beff04e705ca4321c3fc8a57376bc"
    };
    const char *const *released = place_is_sqlite() ? sqlite : postgresql;
    for (size_t i = 0; i < CB_COUNT(sqlite); i++) {
        cr_expect_str_eq(migrations()[i].checksum, released[i], "%s", migrations()[i].name);
    }
}

Test(schema, a_database_of_0001_keeps_its_clients_and_keys)
{
    migrated_by_an_earlier_version(1);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_SCHEMA);
    place_do(
        "INSERT INTO clients (client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks,"
        " scope, grant_types, identity, enabled, created_at, updated_at, revision)"
        " VALUES ('old', 'An old bank', 'partners', 'tls_client_auth', 'tls_client_auth_subject_dn', "
        "'CN=old',"
        " '', 'accounts', 'client_credentials', NULL, 1 = 1, 7, 8, 3)");
    const struct cb_key_record k = key_of("k", 7);
    MUST(cb_store_key_add(store, &k, true, 7, &err));
    const int64_t before = place_number("SELECT generation FROM registry_state");
    MUST(cb_store_migrate(store, 1000, &err));
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
    cr_expect_geq(generation(), before);
    cr_expect_eq(place_number("SELECT count(*) FROM signing_keys"), 1);

    struct cb_client_record c = client_stored("old");
    cr_expect(cb_str_is(c.client_name, "An old bank") && cb_str_is(c.subject, "CN=old"));
    cr_expect(c.enabled && c.created_at == 7 && c.updated_at == 8 && c.revision == 3);
    cr_expect_eq(c.issuer_key.n + c.jwks_uri.n + c.directory.n + c.software_id.n + c.organisation_id.n +
                     c.roles.n + c.metadata.n + c.registration_token_hash.n,
                 0);
    cr_expect(c.statement_issued_at == 0 && c.statement_expires_at == 0 && c.suspended_at == 0);
    c.roles = CB_STR("PSP_AI");
    EXPECT(cb_store_client_update(store, &c, &err), CB_E_NONE);
    cr_expect(cb_str_is(client_stored("old").roles, "PSP_AI"));
}

Test(schema, a_column_that_is_gone_is_a_schema_error)
{
    MUST(cb_store_migrate(store, 1000, &err));
    place_do("ALTER TABLE clients RENAME COLUMN scope TO scopes");
    const struct cb_client_record c = client_of("a");
    EXPECT(cb_store_client_add(store, &c, &err), CB_E_STORE_SCHEMA);
}
