#include "partner/registration.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "jwks.h"
#include "partner/identity.h"

static struct cb_arena arena;
static struct cb_buf problems;

static const char *scopes[] = { "accounts", "payments" };
static struct cb_config_resource resources[] = { { "https://api.example", scopes, 2 } };
static struct cb_config_trust_group groups[] = { { .name = "partners", .anchors = "a.pem" },
                                                 { .name = "others", .anchors = "b.pem" } };
static const struct cb_config one_group = {
    .resources = resources, .resource_count = 1, .trust_groups = groups, .trust_group_count = 1
};
static const struct cb_config two_groups = {
    .resources = resources, .resource_count = 1, .trust_groups = groups, .trust_group_count = 2
};

static void setup(void)
{
    cb_arena_init(&arena, 1 << 22);
    cb_buf_init(&problems, 1 << 16);
}

static void teardown(void)
{
    cb_buf_done(&problems);
    cb_arena_done(&arena);
}

TestSuite(registration, .init = setup, .fini = teardown);

static enum cb_code check(const struct cb_registration *r, const struct cb_config *config,
                          struct cb_client_record *out)
{
    struct cb_err err = { 0 };
    cb_buf_reset(&problems);
    (void)cb_registration_check(&arena, r, config, 1000, out, &problems, &err).v_;
    cr_expect_eq(problems.n > 0, err.code == CB_E_REGISTRATION);
    cb_buf_add_char(&problems, '\0');
    problems.n--;
    return err.code;
}

static struct cb_registration with_dn(const char *dn)
{
    struct cb_registration r = { .client_id = CB_STR("partner-a"), .scope = CB_STR("payments accounts") };
    r.subjects[CB_SUBJECT_DN] = cb_str_of(dn);
    return r;
}

Test(registration, makes_a_record_in_canonical_words)
{
    const struct cb_registration r = with_dn("C = GB, O = Acme, CN = a");
    struct cb_client_record c = { 0 };
    cr_assert_eq(check(&r, &one_group, &c), CB_E_NONE, "%s", problems.p);
    cr_expect(cb_str_is(c.client_id, "partner-a"));
    cr_expect(cb_str_is(c.trust_group, "partners"));
    cr_expect(cb_str_is(c.auth_method, "tls_client_auth"));
    cr_expect(cb_str_is(c.subject_kind, "tls_client_auth_subject_dn"));
    cr_expect(cb_str_is(c.subject, "CN=a,O=Acme,C=GB"));
    cr_expect(cb_str_is(c.scope, "accounts payments"));
    cr_expect(cb_str_is(c.grant_types, "client_credentials"));
    cr_expect_eq(c.identity.n, 32);
    cr_expect(c.enabled && c.revision == 1 && c.created_at == 1000 && c.updated_at == 1000);
}

Test(registration, chooses_a_client_id_where_none_is_given)
{
    struct cb_registration r = with_dn("CN=a");
    struct cb_client_record a = { 0 }, b = { 0 };
    r.client_id = (struct cb_str){ 0 };
    cr_assert_eq(check(&r, &one_group, &a), CB_E_NONE);
    cr_assert_eq(check(&r, &one_group, &b), CB_E_NONE);
    cr_expect_eq(a.client_id.n, 22);
    cr_expect_not(cb_str_eq(a.client_id, b.client_id));
}

Test(registration, one_identity_for_one_set_of_keys_of_one_directory)
{
    static const struct {
        const char *directory, *jwks_uri;
        unsigned char certificate;
        bool same;
    } rows[] = {
        { "uk", "", 1, true },
        { "uk", "", 2, false },
        { "br", "", 1, false },
        { "uk", "https://keys.example/a", 1, false },
    };
    struct cb_str first = { 0 };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_client_record r = { .directory = cb_str_of(rows[i].directory),
                                            .jwks_uri = cb_str_of(rows[i].jwks_uri) };
        struct cb_str identity = { 0 };
        const struct cb_x5t x5t = { .b = { rows[i].certificate } };
        cr_assert(!CB_FAILED(cb_identity_of_keys(&arena, &r, &x5t, &identity, NULL)));
        first = i == 0 ? identity : first;
        cr_expect_eq(identity.n, 32);
        cr_expect_eq(cb_str_eq(identity, first), rows[i].same, "row %zu", i);
    }
}

Test(registration, an_operators_update_keeps_the_identity_of_keys_alone)
{
    const struct cb_client_record keys = { .identity = CB_STR("keys") };
    const struct cb_client_record named = { .subject_kind = CB_STR("tls_client_auth_subject_dn"),
                                            .identity = CB_STR("name") };
    struct cb_client_record after = { .revision = 0 };
    cb_registration_keep(&keys, &after);
    cr_expect(cb_str_is(after.identity, "keys"));
    after = (struct cb_client_record){ .revision = 0 };
    cb_registration_keep(&named, &after);
    cr_expect_eq(after.identity.n, 0);
    after = named;
    cb_registration_keep(&keys, &after);
    cr_expect(cb_str_is(after.identity, "name"));
}

/* Whatever certificate they come with: its owner may have several. */
Test(registration, one_identity_for_one_jwks_uri)
{
    const struct cb_client_record r = { .directory = CB_STR("uk"),
                                        .jwks_uri = CB_STR("https://keys.example/a") };
    struct cb_str one = { 0 }, other = { 0 };
    cr_assert(!CB_FAILED(cb_identity_of_keys(&arena, &r, &(struct cb_x5t){ .b = { 1 } }, &one, NULL)));
    cr_assert(!CB_FAILED(cb_identity_of_keys(&arena, &r, &(struct cb_x5t){ .b = { 2 } }, &other, NULL)));
    cr_expect(cb_str_eq(one, other));
}

Test(registration, one_identity_for_one_subject_of_one_group)
{
    static const struct {
        const char *dn_a, *group_a, *dn_b, *group_b;
        bool same;
    } rows[] = {
        { "CN=a,O=b", "partners", "cn=A, o=B", "partners", true },
        { "CN=a,O=b", "partners", "O = b, CN = a", "partners", true },
        { "CN=a,O=b", "partners", "CN=a,O=b", "others", false },
        { "CN=a,O=b", "partners", "CN=a,O=c", "partners", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_registration ra = with_dn(rows[i].dn_a), rb = with_dn(rows[i].dn_b);
        ra.trust_group = cb_str_of(rows[i].group_a);
        rb.trust_group = cb_str_of(rows[i].group_b);
        struct cb_client_record a = { 0 }, b = { 0 };
        cr_assert_eq(check(&ra, &two_groups, &a), CB_E_NONE);
        cr_assert_eq(check(&rb, &two_groups, &b), CB_E_NONE, "%s", problems.p);
        cr_expect_eq(cb_str_eq(a.identity, b.identity), rows[i].same, "row %zu", i);
    }
}

Test(registration, takes_each_kind_of_subject)
{
    static const struct {
        enum cb_subject_kind kind;
        const char *given, *kept;
    } rows[] = {
        { CB_SUBJECT_SAN_DNS, "A.Example", "a.example" },
        { CB_SUBJECT_SAN_URI, "spiffe://bank/a", "spiffe://bank/a" },
        { CB_SUBJECT_SAN_IP, "2001:DB8::1", "2001:db8::1" },
        { CB_SUBJECT_SAN_EMAIL, "a@B.Example", "a@b.example" },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_registration r = { .client_id = CB_STR("x") };
        r.subjects[rows[i].kind] = cb_str_of(rows[i].given);
        struct cb_client_record c = { 0 };
        cr_assert_eq(check(&r, &one_group, &c), CB_E_NONE, "%s", problems.p);
        cr_expect(cb_str_is(c.subject, rows[i].kept));
        cr_expect(cb_str_is(c.subject_kind, cb_subject_kind_name(rows[i].kind)));
    }
}

static void expect_problem(const struct cb_registration *r, const struct cb_config *config, const char *field)
{
    struct cb_client_record c = { 0 };
    cr_expect_eq(check(r, config, &c), CB_E_REGISTRATION, "%s", field);
    cr_expect_not_null(strstr(problems.p, field), "%s not in %s", field, problems.p);
    cr_expect_null(c.client_id.p);
}

Test(registration, the_group_of_the_proxies_is_that_of_no_client)
{
    struct cb_config config = two_groups;
    struct cb_registration r = with_dn("CN=a");
    struct cb_client_record c = { .revision = 0 };
    config.listeners[CB_LISTENER_MTLS].proxy.trust_group = "others";
    r.trust_group = CB_STR("others");
    expect_problem(&r, &config, "trust_group: ");
    r.trust_group = (struct cb_str){ 0 }; /* of the rest there is but one */
    cr_assert_eq(check(&r, &config, &c), CB_E_NONE, "%s", problems.p);
    cr_expect(cb_str_is(c.trust_group, "partners"));
}

Test(registration, the_group_of_the_administrators_is_that_of_no_client)
{
    struct cb_config config = two_groups;
    struct cb_registration r = with_dn("CN=a");
    struct cb_client_record c = { .revision = 0 };
    config.listeners[CB_LISTENER_ADMIN].trust_group = "others";
    r.trust_group = CB_STR("others");
    expect_problem(&r, &config, "trust_group: ");
    r.trust_group = (struct cb_str){ 0 }; /* of the rest there is but one */
    cr_assert_eq(check(&r, &config, &c), CB_E_NONE, "%s", problems.p);
    cr_expect(cb_str_is(c.trust_group, "partners"));
}

Test(registration, refuses_each_flaw_by_its_field)
{
    struct cb_registration r = with_dn("CN=a");
    r.client_id = CB_STR("has space");
    expect_problem(&r, &one_group, "client_id: ");
    char long_id[CB_LIMIT_CLIENT_ID + 1];
    memset(long_id, 'a', sizeof long_id);
    r = with_dn("CN=a");
    r.client_id = (struct cb_str){ long_id, sizeof long_id };
    expect_problem(&r, &one_group, "client_id: ");
    r.client_id.n--;
    struct cb_client_record c = { 0 };
    cr_expect_eq(check(&r, &one_group, &c), CB_E_NONE);

    r = with_dn("CN=a");
    r.client_name = CB_STR("a\nb");
    expect_problem(&r, &one_group, "client_name: ");
    r = with_dn("CN=a");
    expect_problem(&r, &two_groups, "trust_group: ");
    r.trust_group = CB_STR("unknown");
    expect_problem(&r, &two_groups, "trust_group: ");
    r = with_dn("nonsense");
    expect_problem(&r, &one_group, "tls_client_auth_subject_dn: ");
    r = with_dn("");
    expect_problem(&r, &one_group, "token_endpoint_auth_method: ");
    r = with_dn("CN=a");
    r.subjects[CB_SUBJECT_SAN_DNS] = CB_STR("a.example");
    expect_problem(&r, &one_group, "token_endpoint_auth_method: ");
    r = with_dn("CN=a");
    r.jwks = CB_STR("{}");
    expect_problem(&r, &one_group, "token_endpoint_auth_method: ");
    r = with_dn("CN=a");
    r.scope = CB_STR("accounts nonsense");
    expect_problem(&r, &one_group, "scope: ");
    r.scope = CB_STR("accounts accounts");
    expect_problem(&r, &one_group, "scope: ");
    r = with_dn("CN=a");
    r.grant_types = CB_STR("password");
    expect_problem(&r, &one_group, "grant_types: ");
}

Test(registration, lists_every_problem_at_once)
{
    struct cb_registration r = with_dn("nonsense");
    r.client_id = CB_STR("a/b");
    r.scope = CB_STR("x");
    r.grant_types = CB_STR("y");
    r.trust_group = CB_STR("z");
    struct cb_client_record c = { 0 };
    cr_expect_eq(check(&r, &one_group, &c), CB_E_REGISTRATION);
    size_t lines = 0;
    for (const char *p = problems.p; (p = strchr(p, '\n')) != NULL; p++) {
        lines++;
    }
    cr_expect_eq(lines, 5, "%s", problems.p);
}

Test(registration, a_self_signed_client_brings_its_certificates)
{
    char *jwks = test_jwks(2, NULL);
    struct cb_registration r = { .client_id = CB_STR("s"), .jwks = cb_str_of(jwks) };
    struct cb_client_record c = { 0 };
    cr_assert_eq(check(&r, &two_groups, &c), CB_E_NONE, "%s", problems.p);
    cr_expect(cb_str_is(c.auth_method, "self_signed_tls_client_auth"));
    cr_expect(c.subject_kind.n == 0 && c.identity.n == 0 && c.trust_group.n == 0);
    cr_assert_eq(c.certificates.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct cb_seen_certificate *own = &c.certificates.all[i];
        cr_expect(own->x5t.n == 32 && own->subject.n > 0 && own->serial.n > 0 &&
                  own->not_before < own->not_after);
    }
    cr_expect(!cb_str_eq(c.certificates.all[0].x5t, c.certificates.all[1].x5t));
    r.trust_group = CB_STR("partners");
    expect_problem(&r, &two_groups, "trust_group: ");
    free(jwks);
}

Test(registration, refuses_jwks_that_prove_nothing)
{
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"keys\":[]}",
        "{\"keys\":[{}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"x5c\":[\"AAEC\"]}]}",
        "{\"keys\":[1]}",
        "not json",
    };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        const struct cb_registration r = { .client_id = CB_STR("s"), .jwks = cb_str_of(bad[i]) };
        expect_problem(&r, &one_group, "jwks: ");
    }
    char *swapped = test_jwks(2, "swap"); /* each key with the other's certificate */
    const struct cb_registration r = { .client_id = CB_STR("s"), .jwks = cb_str_of(swapped) };
    expect_problem(&r, &one_group, "jwks: key 2: ");
    free(swapped);
}

Test(registration, a_self_signed_client_may_say_where_its_certificates_are)
{
    struct cb_registration r = { .client_id = CB_STR("s"), .jwks_uri = CB_STR("https://a.example/jwks") };
    struct cb_client_record c = { 0 };
    cr_assert_eq(check(&r, &two_groups, &c), CB_E_NONE, "%s", problems.p);
    cr_expect(cb_str_is(c.auth_method, "self_signed_tls_client_auth"));
    cr_expect(cb_str_is(c.jwks_uri, "https://a.example/jwks"));
    cr_expect(c.jwks.n == 0 && c.identity.n == 0 && c.trust_group.n == 0);
    static const char *const bad[] = {
        "http://a.example/jwks", "https://user@a.example/", "https://a.example/#x", "https://", "a.example",
        "https://a.example/\n"
    };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        r.jwks_uri = cb_str_of(bad[i]);
        expect_problem(&r, &two_groups, "jwks_uri: ");
    }
    r.jwks_uri = CB_STR("https://a.example/jwks");
    r.jwks = CB_STR("{}");
    expect_problem(&r, &two_groups, "token_endpoint_auth_method: ");
}

Test(registration, an_issuer_is_pinned_by_its_key)
{
    struct cb_registration r = with_dn("CN=a");
    struct cb_client_record c = { 0 };
    r.issuer_key = CB_STR("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    cr_assert_eq(check(&r, &one_group, &c), CB_E_NONE, "%s", problems.p);
    cr_expect_eq(c.issuer_key.n, 32);
    cr_expect(c.issuer_key.p[0] == 0 && c.issuer_key.p[31] == 31);
    static const char *const bad[] = { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                                       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
                                       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh", "CN=Some CA" };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        r.issuer_key = cb_str_of(bad[i]);
        expect_problem(&r, &one_group, "issuer_key: ");
    }
    struct cb_registration s = { .client_id = CB_STR("s"), .jwks_uri = CB_STR("https://a.example/jwks") };
    s.issuer_key = CB_STR("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    expect_problem(&s, &one_group, "issuer_key: ");
}

Test(registration, ids_are_words)
{
    struct cb_registration r = with_dn("CN=a");
    struct cb_client_record c = { 0 };
    r.organisation_id = CB_STR("0015800001041REAAY");
    r.software_id = CB_STR("4TrhGGQXZ8YvfLUVNTOmT6");
    cr_assert_eq(check(&r, &one_group, &c), CB_E_NONE, "%s", problems.p);
    cr_expect(cb_str_is(c.organisation_id, "0015800001041REAAY"));
    r.organisation_id = CB_STR("a b");
    expect_problem(&r, &one_group, "organisation_id: ");
    r = with_dn("CN=a");
    r.software_id = CB_STR("\xc3\xa4");
    expect_problem(&r, &one_group, "software_id: ");
}

/* The key of an authentication certificate beside one that signs requests. */
Test(registration, keys_without_a_certificate_are_for_other_ends)
{
    char *jwks = test_jwks(1, NULL);
    struct cb_buf set;
    cb_buf_init(&set, CB_LIMIT_JWK_SET);
    static const char *const others[] = { "{\"kty\":\"EC\",\"kid\":\"sig\"}", "{\"kty\":\"EC\",\"d\":\"AA\"}",
                                          "{\"kty\":\"oct\",\"k\":\"AA\"}", "1" };
    const char *close = strrchr(jwks, ']');
    for (size_t i = 0; i < CB_COUNT(others); i++) {
        cb_buf_reset(&set);
        cb_buf_add(&set, jwks, (size_t)(close - jwks));
        cb_buf_add_fmt(&set, ",%s]}", others[i]);
        const struct cb_registration r = { .client_id = CB_STR("s"), .jwks = cb_buf_str(&set) };
        struct cb_client_record c = { 0 };
        if (i > 0) {
            expect_problem(&r, &two_groups, "jwks: key 2: ");
            continue;
        }
        cr_assert_eq(check(&r, &two_groups, &c), CB_E_NONE, "%s", problems.p);
        struct cb_client client = { .method = CB_AUTH_NONE };
        struct cb_err err = { 0 };
        cr_assert_not(CB_FAILED(cb_client_of(&arena, &c, &client, &err)), "%s", err.detail);
        cr_expect_eq(client.certificate_count, 1);
    }
    cb_buf_done(&set);
    free(jwks);
}
