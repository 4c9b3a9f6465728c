/* What only a server can do: answer with a SQLSTATE, be one of several, fall silent, die during COMMIT. */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "place.h"

static void init(void)
{
    place_only("postgresql");
    place_migrated();
    place_do("CREATE SEQUENCE tries");
}

TestSuite(postgresql, .init = init, .fini = place_done);

/* PL/pgSQL that runs with every new key; `when` is that of CREATE TRIGGER. */
static void with_every_key(const char *body, const char *when)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "DROP TRIGGER IF EXISTS of_test ON signing_keys;"
                   "CREATE OR REPLACE FUNCTION of_test() RETURNS trigger LANGUAGE plpgsql SET search_path "
                   "FROM CURRENT AS"
                   " $$BEGIN %s; RETURN NULL; END$$;"
                   "CREATE CONSTRAINT TRIGGER of_test AFTER INSERT ON signing_keys %s"
                   " FOR EACH ROW EXECUTE FUNCTION of_test();"
                   "ALTER SEQUENCE tries RESTART",
                   body, when);
    place_do(sql);
}

static enum cb_code add_key(void)
{
    const struct cb_key_record k = key_of("k", 1000);
    return CODE(cb_store_key_add(store, &k, true, 1000, &err));
}

static const struct {
    const char *state;
    enum cb_code code;
    int tries;
} answers[] = {
    { "40001", CB_E_STORE_RETRY, 6 },
    { "40P01", CB_E_STORE_RETRY, 6 },
    { "55P03", CB_E_STORE_RETRY, 6 },
    { "57014", CB_E_STORE_RETRY, 6 },
    { "08006", CB_E_STORE_UNAVAILABLE, 1 },
    { "53100", CB_E_STORE_UNAVAILABLE, 1 },
    { "57P01", CB_E_STORE_UNAVAILABLE, 1 },
    { "25006", CB_E_STORE_UNAVAILABLE, 1 },
    { "42P01", CB_E_STORE_SCHEMA, 1 },
    { "42703", CB_E_STORE_SCHEMA, 1 },
    { "23514", CB_E_STORE, 1 },
    { "P0001", CB_E_STORE, 1 },
    { "XX000", CB_E_STORE, 1 },
};

Test(postgresql, every_sqlstate_has_its_code)
{
    static const char *const whens[] = { "", "DEFERRABLE INITIALLY DEFERRED" };
    for (size_t i = 0; i < CB_COUNT(answers); i++) {
        for (size_t w = 0; w < CB_COUNT(whens); w++) {
            char body[160];
            (void)snprintf(body, sizeof body,
                           "PERFORM nextval('tries'); RAISE 'row with hunter2' USING ERRCODE = '%s'",
                           answers[i].state);
            with_every_key(body, whens[w]);
            cr_expect_eq(add_key(), answers[i].code, "%s %s: %s", answers[i].state, whens[w], err.detail);
            cr_expect_eq(place_number("SELECT last_value FROM tries"), answers[i].tries, "%s",
                         answers[i].state);
            cr_expect_not_null(strstr(err.detail, answers[i].state), "%s", err.detail);
            cr_expect_null(strstr(err.detail, "hunter2"), "%s", err.detail);
            cr_expect_eq(place_number("SELECT count(*) FROM signing_keys"), 0);
        }
    }
}

Test(postgresql, a_conflict_that_passes_is_not_seen)
{
    with_every_key("IF nextval('tries') < 4 THEN RAISE 'again' USING ERRCODE = '40001'; END IF", "");
    cr_expect_eq(add_key(), CB_E_NONE, "%s", err.detail);
    cr_expect_eq(place_number("SELECT last_value FROM tries"), 4);
}

Test(postgresql, an_unknown_outcome_is_no_success)
{
    with_every_key(
        "PERFORM nextval('tries'); PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5)",
        "DEFERRABLE INITIALLY DEFERRED");
    cr_expect_eq(add_key(), CB_E_STORE_UNAVAILABLE, "%s", err.detail);
    cr_expect_eq(place_number("SELECT last_value FROM tries"), 1, "nor is it tried again");
    place_do("DROP TRIGGER of_test ON signing_keys");
    cr_expect_eq(add_key(), CB_E_NONE, "%s", err.detail);
}

Test(postgresql, a_server_that_falls_silent_is_given_up)
{
    const int64_t began = cb_clock_monotonic_ms();
    with_every_key("PERFORM pg_sleep(60)", "");
    cr_expect_eq(add_key(), CB_E_STORE_UNAVAILABLE, "%s", err.detail);
    cr_expect_lt(cb_clock_monotonic_ms() - began, 15000);
    place_hang_up();
}

/* --- other strings for the same place --- */

static void reopen(const char *host, const char *port, const char *options)
{
    char folder[128], real_port[16], where[600];
    const char *at = strstr(place, "host=") + strlen("host=");
    cr_assert_eq(sscanf(at, "%127[^&]&port=%15[^&]", folder, real_port), 2);
    (void)snprintf(where, sizeof where, "postgresql://postgres:hunter2@/postgres?host=%s%s&port=%s%s%s%s",
                   host, folder, port, real_port, options, strstr(place, "&application_name="));
    cb_store_close(store);
    MUST(cb_store_open(where, &store, &err));
}

Test(postgresql, of_several_hosts_the_one_that_answers_is_taken)
{
    reopen("/nowhere,127.0.0.1,", "1,1,", "");
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
}

Test(postgresql, a_server_that_takes_no_changes_is_not_taken)
{
    place_do("DROP ROLE IF EXISTS certbound_reader");
    place_do("CREATE ROLE certbound_reader LOGIN SUPERUSER; ALTER ROLE certbound_reader SET"
             " default_transaction_read_only = on");
    reopen("", "", "&user=certbound_reader");
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_UNAVAILABLE);
    cr_expect_not_null(strstr(err.detail, "read-only"), "%s", err.detail);
    reopen("", "", "&user=certbound_reader&target_session_attrs=any");
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
    cb_store_close(store);
    store = NULL;
    place_do("DROP ROLE certbound_reader");
}

Test(postgresql, a_host_that_never_answers_holds_nobody_up)
{
    char folder[] = "/tmp/certbound-silent-XXXXXX";
    char where[200];
    cr_assert_not_null(mkdtemp(folder));
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.1", folder);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 1), 0);

    const int64_t began = cb_clock_monotonic_ms();
    cb_store_close(store);
    (void)snprintf(where, sizeof where, "postgresql://u:hunter2@/d?host=%s&port=1", folder);
    MUST(cb_store_open(where, &store, &err));
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_UNAVAILABLE);
    cr_expect_not_null(strstr(err.detail, "timeout"), "%s", err.detail);
    cr_expect_lt(cb_clock_monotonic_ms() - began, 10000);
    (void)unlink(address.sun_path);
    (void)rmdir(folder);
}

/* What libpq complains of here is a piece of a password that was not percent-encoded. */
static const struct {
    const char *where, *reason;
} slips[] = {
    { "postgresql://u:hunter2/x@127.0.0.1/d", "invalid integer value" },
    { "postgresql://u:1/hunter2@127.0.0.1/d", "" },
    { "postgresql://u:x@hunter2@127.0.0.1/d", "could not translate host name" },
    { "postgresql://u:0/hunter2@127.0.0.1/d", "invalid port number" },
    { "postgresql:///d?service=hunter2", "definition of service" },
};

Test(postgresql, a_slip_in_the_string_is_said_without_the_string)
{
    for (size_t i = 0; i < CB_COUNT(slips); i++) {
        cb_store_close(store);
        MUST(cb_store_open(slips[i].where, &store, &err));
        EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_UNAVAILABLE);
        cr_expect_not_null(strstr(err.detail, slips[i].reason), "%s: %s", slips[i].where, err.detail);
        cr_expect_null(strstr(err.detail, "hunter2"), "%s", err.detail);
    }
}

Test(postgresql, a_notice_alone_is_no_change)
{
    bool changed = true;
    const int64_t known = generation();
    MUST(cb_store_wait_change(store, known, 0, &changed, &err));
    place_do("NOTIFY certbound_registry, 'of another schema'");
    MUST(cb_store_wait_change(store, known, 300, &changed, &err));
    cr_expect_not(changed);
}

Test(postgresql, a_dba_who_truncates_moves_the_generation_too)
{
    const int64_t known = generation();
    place_do("TRUNCATE clients, signing_keys");
    cr_expect_gt(generation(), known);
}
