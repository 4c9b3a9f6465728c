/* Clients: what is kept, what is refused, who wins. */
#include "base/buf.h"
#include "base/limits.h"
#include "place.h"

TestSuite(clients, .init = place_migrated, .fini = place_done);

#define EXPECT_STR(got, want)                                                                                \
    cr_expect(cb_str_eq((got), (want)), CB_STR_FMT " is not " CB_STR_FMT, CB_STR_ARG(got), CB_STR_ARG(want))

static void expect_same(const struct cb_client_record *got, const struct cb_client_record *want)
{
    EXPECT_STR(got->client_id, want->client_id);
    EXPECT_STR(got->client_name, want->client_name);
    EXPECT_STR(got->trust_group, want->trust_group);
    EXPECT_STR(got->auth_method, want->auth_method);
    EXPECT_STR(got->subject_kind, want->subject_kind);
    EXPECT_STR(got->subject, want->subject);
    EXPECT_STR(got->jwks, want->jwks);
    EXPECT_STR(got->scope, want->scope);
    EXPECT_STR(got->grant_types, want->grant_types);
    EXPECT_STR(got->identity, want->identity);
    EXPECT_STR(got->issuer_key, want->issuer_key);
    EXPECT_STR(got->jwks_uri, want->jwks_uri);
    EXPECT_STR(got->directory, want->directory);
    EXPECT_STR(got->software_id, want->software_id);
    EXPECT_STR(got->organisation_id, want->organisation_id);
    EXPECT_STR(got->roles, want->roles);
    EXPECT_STR(got->metadata, want->metadata);
    EXPECT_STR(got->registration_token_hash, want->registration_token_hash);
    cr_expect_eq(got->statement_issued_at, want->statement_issued_at);
    cr_expect_eq(got->statement_expires_at, want->statement_expires_at);
    cr_expect_eq(got->suspended_at, want->suspended_at);
    cr_expect_eq(got->enabled, want->enabled);
    cr_expect_eq(got->created_at, want->created_at);
    cr_expect_eq(got->updated_at, want->updated_at);
    cr_expect_eq(got->revision, want->revision);
}

static char digest_a[33] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            digest_b[33] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void with_onboarding(struct cb_client_record *c)
{
    c->issuer_key = (struct cb_str){ digest_a, 32 };
    c->jwks_uri = CB_STR("https://partner.example/jwks");
    c->directory = CB_STR("ob");
    c->software_id = CB_STR("s1");
    c->organisation_id = CB_STR("o1");
    c->roles = CB_STR("AISP PISP");
    c->metadata = CB_STR("{\"client_uri\":\"https://a\"}");
    c->registration_token_hash = (struct cb_str){ digest_b, 32 };
    c->statement_issued_at = 4000;
    c->statement_expires_at = 5000;
    c->suspended_at = 0;
}

Test(clients, keeps_every_field)
{
    struct cb_client_record c = client_of("caf\xc3\xa9");
    c.jwks = CB_STR("{\"keys\":[]}");
    with_onboarding(&c);
    c.created_at = INT64_MAX;
    c.updated_at = 0;
    c.revision = 99; /* not the caller's to say */
    MUST(cb_store_client_add(store, &c, &err));
    const struct cb_client_record got = client_stored("caf\xc3\xa9");
    c.revision = 1;
    expect_same(&got, &c);
}

Test(clients, optional_strings_may_be_empty)
{
    const struct cb_client_record c = { .client_id = CB_STR("a"),
                                        .auth_method = CB_STR("self_signed_tls_client_auth"),
                                        .revision = 1 };
    MUST(cb_store_client_add(store, &c, &err));
    const struct cb_client_record got = client_stored("a");
    expect_same(&got, &c);
}

Test(clients, of_one_client_id_there_is_one)
{
    const struct cb_client_record first = client_of("a");
    struct cb_client_record second = client_of("a");
    second.identity = client_of("b").identity;
    MUST(cb_store_client_add(store, &first, &err));
    EXPECT(cb_store_client_add(store, &second, &err), CB_E_EXISTS);
    cr_expect_not_null(strstr(err.detail, "client_id"), "%s", err.detail);
    const struct cb_client_record got = client_stored("a");
    EXPECT_STR(got.identity, first.identity);
}

Test(clients, of_one_identity_there_is_one)
{
    const struct cb_client_record first = client_of("a");
    struct cb_client_record second = client_of("b");
    second.identity = first.identity;
    MUST(cb_store_client_add(store, &first, &err));
    EXPECT(cb_store_client_add(store, &second, &err), CB_E_EXISTS);
    cr_expect_not_null(strstr(err.detail, "identity"), "%s", err.detail);
}

Test(clients, of_no_identity_there_are_many)
{
    struct cb_client_record c = client_of("a");
    c.identity = CB_STR("");
    MUST(cb_store_client_add(store, &c, &err));
    c.client_id = CB_STR("b");
    EXPECT(cb_store_client_add(store, &c, &err), CB_E_NONE);
}

/* --- limits --- */

#define FIELD(member, at_least, at_most)                                                                     \
    {                                                                                                        \
#member, offsetof(struct cb_client_record, member), (at_least), (at_most)                            \
    }
static const struct {
    const char *name;
    size_t offset, min, max;
} limits[] = {
    FIELD(client_id, 1, CB_LIMIT_CLIENT_ID),  FIELD(client_name, 0, CB_LIMIT_CLIENT_NAME),
    FIELD(trust_group, 0, CB_LIMIT_NAME),     FIELD(auth_method, 1, CB_LIMIT_NAME),
    FIELD(subject_kind, 0, CB_LIMIT_NAME),    FIELD(subject, 0, CB_LIMIT_SUBJECT),
    FIELD(jwks, 0, CB_LIMIT_JWK_SET),         FIELD(scope, 0, CB_LIMIT_SCOPE),
    FIELD(grant_types, 0, CB_LIMIT_SCOPE),    FIELD(jwks_uri, 0, CB_LIMIT_URL),
    FIELD(directory, 0, CB_LIMIT_NAME),       FIELD(software_id, 0, CB_LIMIT_NAME),
    FIELD(organisation_id, 0, CB_LIMIT_NAME), FIELD(roles, 0, CB_LIMIT_SCOPE),
    FIELD(metadata, 0, CB_LIMIT_METADATA),
};

static struct cb_client_record with(size_t i, struct cb_str value)
{
    struct cb_client_record c = client_of("a");
    memcpy((char *)&c + limits[i].offset, &value, sizeof value);
    return c;
}

static enum cb_code add_and_forget(const struct cb_client_record *c)
{
    const enum cb_code code = CODE(cb_store_client_add(store, c, &err));
    if (code == CB_E_NONE) {
        MUST(cb_store_client_remove(store, c->client_id, 0, &err));
    }
    return code;
}

Test(clients, every_string_has_its_bounds)
{
    static char text[CB_LIMIT_JWK_SET + 1];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < CB_COUNT(limits); i++) {
        struct cb_client_record c = with(i, (struct cb_str){ text, limits[i].max });
        cr_expect_eq(add_and_forget(&c), CB_E_NONE, "%s: %s", limits[i].name, err.detail);
        c = with(i, (struct cb_str){ text, limits[i].max + 1 });
        cr_expect_eq(add_and_forget(&c), CB_E_REGISTRATION, "%s", limits[i].name);
        cr_expect_eq(CODE(cb_store_client_update(store, &c, &err)), CB_E_REGISTRATION, "%s", limits[i].name);
        c = with(i, CB_STR(""));
        cr_expect_eq(add_and_forget(&c), limits[i].min == 0 ? CB_E_NONE : CB_E_REGISTRATION, "%s",
                     limits[i].name);
    }
}

Test(clients, every_string_is_text)
{
    static const struct cb_str bad[] = {
        { "a\0b", 3 }, { "\xff", 1 }, { "\xc0\xaf", 2 }, { "\xed\xa0\x80", 3 }
    };
    for (size_t i = 0; i < CB_COUNT(limits); i++) {
        for (size_t k = 0; k < CB_COUNT(bad); k++) {
            const struct cb_client_record c = with(i, bad[k]);
            cr_expect_eq(add_and_forget(&c), CB_E_REGISTRATION, "%s: bad text %zu", limits[i].name, k);
        }
    }
}

Test(clients, an_identity_is_32_bytes_of_any_kind)
{
    static const struct {
        size_t n;
        enum cb_code code;
    } rows[] = { { 0, CB_E_NONE },
                 { 1, CB_E_REGISTRATION },
                 { 31, CB_E_REGISTRATION },
                 { 32, CB_E_NONE },
                 { 33, CB_E_REGISTRATION } };
    static const char bytes[33] = { 0, (char)0xff };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_client_record c = client_of("a");
        c.identity = (struct cb_str){ bytes, rows[i].n };
        cr_expect_eq(add_and_forget(&c), rows[i].code, "%zu bytes", rows[i].n);
    }
}

Test(clients, times_are_after_1970)
{
    struct cb_client_record c = client_of("a");
    c.created_at = -1;
    cr_expect_eq(add_and_forget(&c), CB_E_REGISTRATION);
    c = client_of("a");
    c.updated_at = -1;
    cr_expect_eq(add_and_forget(&c), CB_E_REGISTRATION);
    c = client_of("a");
    c.statement_issued_at = -1;
    cr_expect_eq(add_and_forget(&c), CB_E_REGISTRATION);
}

Test(clients, text_is_a_value_and_never_sql)
{
    const struct cb_client_record c = client_of("'; DROP TABLE clients; --");
    MUST(cb_store_client_add(store, &c, &err));
    cr_expect_eq(client_stored("'; DROP TABLE clients; --").revision, 1);
}

/* --- changing --- */

Test(clients, update_replaces_all_but_name_and_birth)
{
    const struct cb_client_record first = client_of("a");
    MUST(cb_store_client_add(store, &first, &err));
    struct cb_client_record c = {
        .client_id = CB_STR("a"),
        .client_name = CB_STR("B Bank"),
        .trust_group = CB_STR("others"),
        .auth_method = CB_STR("self_signed_tls_client_auth"),
        .subject_kind = CB_STR("k"),
        .subject = CB_STR("s"),
        .jwks = CB_STR("{}"),
        .scope = CB_STR("x"),
        .grant_types = CB_STR("y"),
        .identity = client_of("z").identity,
        .enabled = false,
        .created_at = 5,
        .updated_at = 2000,
        .revision = 1,
    };
    MUST(cb_store_client_update(store, &c, &err));
    c.created_at = first.created_at;
    c.revision = 2;
    const struct cb_client_record got = client_stored("a");
    expect_same(&got, &c);
    c.identity = CB_STR("");
    EXPECT(cb_store_client_update(store, &c, &err), CB_E_NONE);
    cr_expect_eq(client_stored("a").identity.n, 0);
}

Test(clients, update_of_another_revision_loses)
{
    struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    static const int64_t wrong[] = { 0, 2, -1, INT64_MAX };
    c.client_name = CB_STR("B Bank");
    for (size_t i = 0; i < CB_COUNT(wrong); i++) {
        c.revision = wrong[i];
        EXPECT(cb_store_client_update(store, &c, &err), CB_E_CHANGED_MEANWHILE);
    }
    cr_expect(cb_str_is(client_stored("a").client_name, "A Bank"));
    c.revision = 1;
    EXPECT(cb_store_client_update(store, &c, &err), CB_E_NONE);
    EXPECT(cb_store_client_update(store, &c, &err), CB_E_CHANGED_MEANWHILE);
}

Test(clients, update_needs_a_client_and_a_free_identity)
{
    struct cb_client_record a = client_of("a");
    const struct cb_client_record b = client_of("b");
    a.revision = 1;
    EXPECT(cb_store_client_update(store, &a, &err), CB_E_NOT_FOUND);
    MUST(cb_store_client_add(store, &a, &err));
    MUST(cb_store_client_add(store, &b, &err));
    a.identity = b.identity;
    EXPECT(cb_store_client_update(store, &a, &err), CB_E_EXISTS);
    cr_expect_eq(client_stored("a").revision, 1);
}

Test(clients, enabling_and_disabling)
{
    const struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    MUST(cb_store_client_set_enabled(store, CB_STR("a"), false, 2000, &err));
    struct cb_client_record got = client_stored("a");
    cr_expect(!got.enabled && got.updated_at == 2000 && got.revision == 2);
    MUST(cb_store_client_set_enabled(store, CB_STR("a"), true, 3000, &err));
    got = client_stored("a");
    cr_expect(got.enabled && got.updated_at == 3000 && got.revision == 3 && got.created_at == 1000);
}

Test(clients, a_removed_client_is_gone_and_may_return)
{
    const struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    MUST(cb_store_client_remove(store, CB_STR("a"), 0, &err));
    EXPECT(cb_store_client_remove(store, CB_STR("a"), 0, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_client_add(store, &c, &err), CB_E_NONE);
}

Test(clients, a_name_that_cannot_be_is_not_found)
{
    static char long_name[CB_LIMIT_CLIENT_ID + 1];
    memset(long_name, 'a', sizeof long_name);
    const struct cb_str names[] = { { "b", 1 },
                                    { "", 0 },
                                    { NULL, 0 },
                                    { "a\0", 2 },
                                    { "\xff", 1 },
                                    { "A", 1 },
                                    { " a", 2 },
                                    { long_name, sizeof long_name },
                                    { long_name, sizeof long_name - 1 } };
    const struct cb_client_record c = client_of("a");
    struct cb_arena arena;
    cb_arena_init(&arena, 10000);
    MUST(cb_store_client_add(store, &c, &err));
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        struct cb_client_record out = { .revision = 77 };
        EXPECT(cb_store_client_get(store, &arena, names[i], &out, &err), CB_E_NOT_FOUND);
        EXPECT(cb_store_client_remove(store, names[i], 0, &err), CB_E_NOT_FOUND);
        EXPECT(cb_store_client_set_enabled(store, names[i], true, 1, &err), CB_E_NOT_FOUND);
        cr_expect_eq(out.revision, 77, "outputs are written on success only");
    }
    cb_arena_done(&arena);
}

Test(clients, an_arena_that_is_full_is_said)
{
    const struct cb_client_record c = client_of("a");
    struct cb_arena arena;
    struct cb_client_record out;
    cb_arena_init(&arena, 64);
    MUST(cb_store_client_add(store, &c, &err));
    EXPECT(cb_store_client_get(store, &arena, CB_STR("a"), &out, &err), CB_E_MEMORY);
    cb_arena_done(&arena);
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
}

Test(clients, every_change_moves_the_generation_by_one_and_nothing_else_does)
{
    struct cb_client_record c = client_of("a");
    c.revision = 1;
    int64_t g = generation();
    MUST(cb_store_client_add(store, &c, &err));
    cr_expect_eq(generation(), ++g);
    MUST(cb_store_client_update(store, &c, &err));
    cr_expect_eq(generation(), ++g);
    MUST(cb_store_client_set_enabled(store, c.client_id, false, 1, &err));
    cr_expect_eq(generation(), ++g);

    EXPECT(cb_store_client_add(store, &c, &err), CB_E_EXISTS);
    EXPECT(cb_store_client_update(store, &c, &err), CB_E_CHANGED_MEANWHILE);
    EXPECT(cb_store_client_remove(store, CB_STR("b"), 0, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_client_set_enabled(store, CB_STR("b"), true, 1, &err), CB_E_NOT_FOUND);
    (void)client_stored("a");
    cr_expect_eq(generation(), g);

    MUST(cb_store_client_remove(store, c.client_id, 0, &err));
    cr_expect_eq(generation(), ++g);
}

Test(clients, a_dba_moves_the_generation_too)
{
    const struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    const int64_t g = generation();
    place_do("UPDATE clients SET client_name = 'by hand'");
    cr_expect_eq(generation(), g + 1);
    place_do("DELETE FROM clients WHERE client_id = 'nobody'");
    cr_expect_eq(generation(), g + 1);
}

Test(clients, a_digest_has_its_length)
{
    static const size_t places[] = { offsetof(struct cb_client_record, issuer_key),
                                     offsetof(struct cb_client_record, registration_token_hash),
                                     offsetof(struct cb_client_record, identity) };
    for (size_t i = 0; i < CB_COUNT(places); i++) {
        for (size_t n = 31; n <= 33; n++) {
            struct cb_client_record c = client_of("a");
            const struct cb_str digest = { digest_a, n };
            memcpy((char *)&c + places[i], &digest, sizeof digest);
            cr_expect_eq(add_and_forget(&c), n == 32 ? CB_E_NONE : CB_E_REGISTRATION, "%zu, %zu bytes", i, n);
        }
    }
}

Test(clients, update_replaces_what_onboarding_keeps)
{
    struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    c.revision = 1;
    with_onboarding(&c);
    c.suspended_at = 7;
    MUST(cb_store_client_update(store, &c, &err));
    const struct cb_client_record got = client_stored("a");
    c.revision = 2;
    expect_same(&got, &c);
}

Test(clients, a_registration_token_is_one_clients)
{
    struct cb_client_record a = client_of("a"), b = client_of("b");
    with_onboarding(&a);
    with_onboarding(&b);
    MUST(cb_store_client_add(store, &a, &err));
    EXPECT(cb_store_client_add(store, &b, &err), CB_E_EXISTS);
    cr_expect_not_null(strstr(err.detail, "registration_token_hash"), "%s", err.detail);
    MUST(cb_store_client_clear_token(store, a.registration_token_hash, &err));
    EXPECT(cb_store_client_clear_token(store, a.registration_token_hash, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_client_clear_token(store, CB_STR("short"), &err), CB_E_NOT_FOUND);
    cr_expect_eq(client_stored("a").registration_token_hash.n, 0);
    EXPECT(cb_store_client_add(store, &b, &err), CB_E_NONE);
}

Test(clients, are_removed_at_the_revision_that_was_seen)
{
    struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    EXPECT(cb_store_client_remove(store, c.client_id, 2, &err), CB_E_CHANGED_MEANWHILE);
    EXPECT(cb_store_client_remove(store, c.client_id, 1, &err), CB_E_NONE);
    EXPECT(cb_store_client_remove(store, c.client_id, 1, &err), CB_E_NOT_FOUND);
}

static bool set_jwks(struct cb_str client_id, const char *jwks_uri, const char *jwks)
{
    const struct cb_key_set_read read = { .client_id = client_id,
                                          .jwks_uri = cb_str_of(jwks_uri),
                                          .jwks = cb_str_of(jwks) };
    bool changed = false;
    MUST(cb_store_client_set_jwks(store, &read, &changed, &err));
    return changed;
}

Test(clients, a_key_set_that_was_read_again_is_kept_if_it_is_another)
{
    static const char uri[] = "https://partner.example/jwks";
    struct cb_client_record c = client_of("a"), without = client_of("b");
    with_onboarding(&c);
    MUST(cb_store_client_add(store, &c, &err));
    MUST(cb_store_client_add(store, &without, &err));
    const int64_t before = generation();
    cr_expect(set_jwks(c.client_id, uri, "{}"));
    cr_expect_eq(generation(), before + 1);
    cr_expect_not(set_jwks(c.client_id, uri, "{}"));
    cr_expect_not(set_jwks(c.client_id, "https://partner.example/old", "{\"old\":1}"), "moved meanwhile");
    cr_expect_not(set_jwks(without.client_id, uri, "{}"));
    cr_expect_not(set_jwks(without.client_id, "", "{}"));
    cr_expect_not(set_jwks(CB_STR("nobody"), uri, "{}"));
    cr_expect_eq(generation(), before + 1);
    const struct cb_client_record got = client_stored("a");
    EXPECT_STR(got.jwks, CB_STR("{}"));
    cr_expect_eq(got.revision, 1);
}

Test(clients, are_suspended_once_for_the_statement_that_was_seen)
{
    struct cb_client_record c = client_of("a");
    with_onboarding(&c);
    MUST(cb_store_client_add(store, &c, &err));
    EXPECT(cb_store_client_suspend(store, c.client_id, 4999, 6000, &err), CB_E_CHANGED_MEANWHILE);
    EXPECT(cb_store_client_suspend(store, c.client_id, 5000, 6000, &err), CB_E_NONE);
    EXPECT(cb_store_client_suspend(store, c.client_id, 5000, 6001, &err), CB_E_CHANGED_MEANWHILE);
    EXPECT(cb_store_client_suspend(store, CB_STR("b"), 5000, 6000, &err), CB_E_NOT_FOUND);
    cr_expect_eq(client_stored("a").suspended_at, 6000);
    cr_expect_eq(client_stored("a").revision, 2);
}

Test(clients, an_update_with_suspended_at_0_lets_a_suspended_one_in)
{
    struct cb_client_record c = client_of("a");
    with_onboarding(&c);
    MUST(cb_store_client_add(store, &c, &err));
    MUST(cb_store_client_suspend(store, c.client_id, 5000, 6000, &err));
    c.revision = 2;
    c.statement_expires_at = 9000;
    MUST(cb_store_client_update(store, &c, &err));
    cr_expect_eq(client_stored("a").suspended_at, 0);
    EXPECT(cb_store_client_suspend(store, c.client_id, 5000, 6000, &err), CB_E_CHANGED_MEANWHILE);
    EXPECT(cb_store_client_suspend(store, c.client_id, 9000, 9000, &err), CB_E_NONE);
}

/* The updater has read the client before its key set was read again. */
Test(clients, an_update_keeps_the_key_set_that_was_read_meanwhile)
{
    struct cb_client_record c = client_of("a");
    with_onboarding(&c);
    MUST(cb_store_client_add(store, &c, &err));
    cr_expect(set_jwks(c.client_id, "https://partner.example/jwks", "{\"new\":1}"));
    c.revision = 1;
    MUST(cb_store_client_update(store, &c, &err));
    EXPECT_STR(client_stored("a").jwks, CB_STR("{\"new\":1}"));
    c.revision = 2;
    c.jwks_uri = CB_STR("https://other.example/jwks");
    MUST(cb_store_client_update(store, &c, &err));
    EXPECT_STR(client_stored("a").jwks, c.jwks);
    c.revision = 3;
    c.jwks_uri = (struct cb_str){ 0 };
    c.jwks = CB_STR("{\"own\":1}");
    MUST(cb_store_client_update(store, &c, &err));
    EXPECT_STR(client_stored("a").jwks, c.jwks);
    c.revision = 4;
    c.jwks = CB_STR("{\"own\":2}");
    MUST(cb_store_client_update(store, &c, &err));
    EXPECT_STR(client_stored("a").jwks, c.jwks);
}

static cb_status join_names(void *ctx, const struct cb_client_record *c, struct cb_err *e)
{
    (void)e;
    cb_buf_add_str(ctx, c->client_id);
    cb_buf_add_char(ctx, ' ');
    return CB_OK;
}

static void expect_page(const struct cb_client_page *page, const char *names)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_KIB);
    MUST(cb_store_client_page(store, page, join_names, &b, &err));
    cr_expect(cb_str_is(cb_buf_str(&b), names), CB_STR_FMT " instead of %s", CB_STR_ARG(cb_buf_str(&b)),
              names);
    cb_buf_done(&b);
}

Test(clients, come_page_by_page)
{
    static const char *const names[] = { "d", "a", "c", "b", "e" };
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        struct cb_client_record c = client_of(names[i]);
        c.trust_group = i < 2 ? CB_STR("x") : CB_STR("y");
        c.directory = i == 0 ? CB_STR("ob") : CB_STR("");
        c.enabled = i != 1;
        MUST(cb_store_client_add(store, &c, &err));
    }
    expect_page(&(struct cb_client_page){ .limit = 2 }, "a b ");
    expect_page(&(struct cb_client_page){ .limit = 2, .after = CB_STR("b") }, "c d ");
    expect_page(&(struct cb_client_page){ .limit = 2, .after = CB_STR("d") }, "e ");
    expect_page(&(struct cb_client_page){ .limit = 2, .after = CB_STR("e") }, "");
    expect_page(&(struct cb_client_page){ .limit = 9, .trust_group = CB_STR("x") }, "a d ");
    expect_page(&(struct cb_client_page){ .limit = 9, .directory = CB_STR("ob") }, "d ");
    expect_page(&(struct cb_client_page){ .limit = 9, .enabled = CB_ONLY_ENABLED }, "b c d e ");
    expect_page(&(struct cb_client_page){ .limit = 9, .enabled = CB_ONLY_DISABLED }, "a ");
}
