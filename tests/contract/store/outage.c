/* A database that is away, comes back, is busy, or says no. */
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "place.h"

TestSuite(outage, .init = place_migrated, .fini = place_done);

static enum cb_code migrate(void)
{
    return CODE(cb_store_migrate(store, 1, &err));
}

static enum cb_code status(void)
{
    struct cb_schema_status out;
    return CODE(cb_store_schema_status(store, &out, &err));
}

static enum cb_code check(void)
{
    return CODE(cb_store_check_schema(store, &err));
}

static enum cb_code client_add(void)
{
    const struct cb_client_record c = client_of("new");
    return CODE(cb_store_client_add(store, &c, &err));
}

static enum cb_code client_update(void)
{
    struct cb_client_record c = client_of("a");
    c.revision = 1;
    return CODE(cb_store_client_update(store, &c, &err));
}

static enum cb_code client_set_enabled(void)
{
    return CODE(cb_store_client_set_enabled(store, CB_STR("a"), true, 1, &err));
}

static enum cb_code client_get(void)
{
    struct cb_arena arena;
    struct cb_client_record out;
    cb_arena_init(&arena, 10000);
    const enum cb_code code = CODE(cb_store_client_get(store, &arena, CB_STR("a"), &out, &err));
    cb_arena_done(&arena);
    return code;
}

static enum cb_code client_remove(void)
{
    return CODE(cb_store_client_remove(store, CB_STR("new"), 0, &err));
}

static cb_status ignore_client(void *ctx, const struct cb_client_record *c, struct cb_err *e)
{
    (void)ctx;
    (void)c;
    (void)e;
    return CB_OK;
}

static enum cb_code client_page(void)
{
    const struct cb_client_page page = { .limit = 1 };
    return CODE(cb_store_client_page(store, &page, ignore_client, NULL, &err));
}

static enum cb_code client_set_jwks(void)
{
    const struct cb_key_set_read read = { .client_id = CB_STR("a"), .jwks = CB_STR("{}") };
    bool changed = false;
    return CODE(cb_store_client_set_jwks(store, &read, &changed, &err));
}

static char digest[32];

/* What changes a client in passing has found none: it was asked. */
static enum cb_code unless_missing(enum cb_code code)
{
    return code == CB_E_NOT_FOUND || code == CB_E_CHANGED_MEANWHILE ? CB_E_NONE : code;
}

static enum cb_code client_suspend(void)
{
    return unless_missing(CODE(cb_store_client_suspend(store, CB_STR("a"), 1, 2, &err)));
}

static enum cb_code client_clear_token(void)
{
    return unless_missing(CODE(cb_store_client_clear_token(store, (struct cb_str){ digest, 32 }, &err)));
}

static enum cb_code certificates_seen(void)
{
    const struct cb_seen_certificate c = { .client_id = CB_STR("a"), .x5t = { digest, 32 } };
    return CODE(cb_store_certificates_seen(store, &c, 1, &err));
}

static cb_status ignore_certificate(void *ctx, const struct cb_seen_certificate *c, struct cb_err *e)
{
    (void)ctx;
    (void)c;
    (void)e;
    return CB_OK;
}

static enum cb_code certificate_page(void)
{
    const struct cb_certificate_page page = { .limit = 1 };
    return CODE(cb_store_certificate_page(store, &page, ignore_certificate, NULL, &err));
}

static enum cb_code certificate_find(void)
{
    CB_AUTO(cb_arena_done) struct cb_arena a = { .max = 1 << 20 };
    struct cb_seen_certificate found;
    return CODE(cb_store_certificate_find(store, &a, (struct cb_str){ digest, 32 }, &found, &err));
}

static cb_status ignore_revocation(void *ctx, const struct cb_revocation_record *r, struct cb_err *e)
{
    (void)ctx;
    (void)r;
    (void)e;
    return CB_OK;
}

static enum cb_code revocation_page(void)
{
    const struct cb_revocation_page page = { .limit = 1 };
    return CODE(cb_store_revocation_page(store, &page, ignore_revocation, NULL, &err));
}

static enum cb_code revocation_add(void)
{
    const struct cb_revocation_record r = { .x5t = { digest, 32 } };
    return CODE(cb_store_revocation_add(store, &r, &err));
}

static enum cb_code revocation_remove(void)
{
    return CODE(cb_store_revocation_remove(store, (struct cb_str){ digest, 32 }, &err));
}

static enum cb_code key_add(void)
{
    const struct cb_key_record k = key_of("k", 1000);
    return CODE(cb_store_key_add(store, &k, true, 1000, &err));
}

static enum cb_code key_retire(void)
{
    return CODE(cb_store_key_retire(store, CB_STR("k"), NULL, 1000, &err));
}

static enum cb_code read_registry(void)
{
    int64_t g = 0;
    return CODE(cb_store_read_registry(store, &(struct cb_registry_reader){ 0 }, &g, &err));
}

static enum cb_code wait_change(void)
{
    bool changed = false;
    return CODE(cb_store_wait_change(store, 0, 0, &changed, &err));
}

/* In an order in which each of them works. */
static const struct {
    const char *name;
    enum cb_code (*call)(void);
} calls[] = {
    { "migrate", migrate },
    { "status", status },
    { "check", check },
    { "client_add", client_add },
    { "client_update", client_update },
    { "client_set_enabled", client_set_enabled },
    { "client_get", client_get },
    { "client_page", client_page },
    { "client_set_jwks", client_set_jwks },
    { "client_suspend", client_suspend },
    { "client_clear_token", client_clear_token },
    { "client_remove", client_remove },
    { "certificates_seen", certificates_seen },
    { "certificate_page", certificate_page },
    { "certificate_find", certificate_find },
    { "revocation_page", revocation_page },
    { "revocation_add", revocation_add },
    { "revocation_remove", revocation_remove },
    { "key_add", key_add },
    { "key_retire", key_retire },
    { "read_registry", read_registry },
    { "wait_change", wait_change },
};

static void add_a(void)
{
    const struct cb_client_record a = client_of("a");
    MUST(cb_store_client_add(store, &a, &err));
}

static void expect_all(enum cb_code code)
{
    for (size_t i = 0; i < CB_COUNT(calls); i++) {
        const enum cb_code got = calls[i].call();
        cr_expect_eq(got, code, "%s: %s (%s)", calls[i].name, cb_code_reason(got), err.detail);
        cr_expect_null(strstr(err.detail, "hunter2"), "%s", err.detail);
    }
}

Test(outage, every_call_says_so_and_the_next_one_tries_again)
{
    add_a();
    for (int round = 0; round < 2; round++) {
        place_away();
        expect_all(CB_E_STORE_UNAVAILABLE);
        place_back();
        EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
    }
    expect_all(CB_E_NONE);
}

Test(outage, opening_works_while_it_is_away)
{
    add_a();
    cb_store_close(store);
    place_away();
    MUST(cb_store_open(place, &store, &err));
    if (!place_is_sqlite()) { /* a file that was never seen is a new one */
        expect_all(CB_E_STORE_UNAVAILABLE);
    }
    place_back();
    expect_all(CB_E_NONE);
}

Test(outage, a_broken_connection_is_made_anew_without_a_word)
{
    add_a();
    for (int i = 0; i < 3; i++) {
        EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
        place_hang_up();
    }
    expect_all(CB_E_NONE);
    place_hang_up();
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
}

Test(outage, a_change_during_it_is_seen_afterwards)
{
    bool changed = true;
    const int64_t known = generation();
    MUST(cb_store_wait_change(store, known, 0, &changed, &err));
    cr_expect_not(changed);
    place_away();
    EXPECT(cb_store_wait_change(store, known, 100, &changed, &err), CB_E_STORE_UNAVAILABLE);
    place_back();
    add_a();
    MUST(cb_store_wait_change(store, known, 5000, &changed, &err));
    cr_expect(changed);
}

static void *unlock_later(void *unused)
{
    (void)unused;
    (void)usleep(1500 * 1000);
    place_unlock();
    return NULL;
}

Test(outage, who_finds_it_locked_tries_again)
{
    pthread_t thread;
    add_a();
    place_lock();
    cr_assert_eq(pthread_create(&thread, NULL, unlock_later, NULL), 0);
    cr_expect_eq(client_add(), CB_E_NONE, "%s", err.detail);
    (void)pthread_join(thread, NULL);
}

Test(outage, but_not_for_ever)
{
    const int64_t began = cb_clock_monotonic_ms();
    place_lock();
    cr_expect_eq(client_add(), CB_E_STORE_RETRY, "%s", err.detail);
    cr_expect_lt(cb_clock_monotonic_ms() - began, 15000);
    place_unlock();
    cr_expect_eq(client_add(), CB_E_NONE, "%s", err.detail);
}

Test(outage, a_refusal_of_the_database_is_a_store_error)
{
    place_do(place_is_sqlite() ? "CREATE TRIGGER never BEFORE INSERT ON clients WHEN NEW.client_id = 'new'"
                                 " BEGIN SELECT RAISE(ABORT, 'never'); END"
                               : "ALTER TABLE clients ADD CONSTRAINT never CHECK (client_id <> 'new')");
    cr_expect_eq(client_add(), CB_E_STORE, "%s", err.detail);
    add_a();
}

Test(outage, another_unique_constraint_has_no_outcome)
{
    place_do("CREATE UNIQUE INDEX one_name ON clients (client_name)");
    add_a();
    cr_expect_eq(client_add(), CB_E_STORE, "%s", err.detail);
}
