/* Whose a certificate nearly is: how near, in which order, and never more than three. */
#include <criterion/criterion.h>

#include "base/limits.h"
#include "partner/explain.h"
#include "testlib/pki.h"

static const struct {
    enum cb_san_kind kind;
    const char *registered, *presented;
    bool near;
} sans[] = {
    { CB_SAN_DNS, "api.acme.example", "API2.Acme.example", true }, /* another host, and case is nothing */
    { CB_SAN_DNS, "api.acme.example", "mtls.acme.example", true },
    { CB_SAN_DNS, "acme.example.com", "api.acme.example.com", true }, /* one more */
    { CB_SAN_DNS, "api.acme.example", "api.acne.example", true },     /* a slip */
    { CB_SAN_DNS, "api.acme.example", "api.other.example", false },   /* another firm */
    { CB_SAN_DNS, "api.acme.example", "mtls.acne.example", false },   /* two parts */
    { CB_SAN_DNS, "acme.example", "other.example", false },           /* one part alone is the same */
    { CB_SAN_DNS, "a.b.api.acme.example", "api.acme.example", false },
    { CB_SAN_URI, "urn:scheme:software:0001", "urn:scheme:software:0002", true },
    { CB_SAN_URI, "urn:scheme:software:8f3a", "urn:scheme:software:c017", false }, /* another partner's */
    { CB_SAN_URI, "https://acme.example/a", "http://acme.example/a", true },
    { CB_SAN_URI, "https://ACME.example/a", "https://acme.example/a", false }, /* nothing in common */
    { CB_SAN_URI, "spiffe://bank/ns/prod/gateway", "spiffe://bank/ns/prod/gateway-2", true },
    { CB_SAN_IP, "192.0.2.1", "192.0.2.7", true },
    { CB_SAN_IP, "192.0.2.1", "198.0.2.1", true }, /* two bytes of three are the same */
    { CB_SAN_IP, "192.0.2.1", "192.0.9.1", false },
    { CB_SAN_IP, "2001:db8::1", "2001:db8::2", true },
    { CB_SAN_EMAIL, "ops@acme.example", "api@acme.example", true },
    { CB_SAN_EMAIL, "ops@acme.example", "ops@other.example", false },
    { CB_SAN_DNS, "", "", false },
};

Test(near, a_san_differs_in_one_part)
{
    for (size_t i = 0; i < CB_COUNT(sans); i++) {
        const struct cb_str a = cb_str_of(sans[i].registered), b = cb_str_of(sans[i].presented);
        cr_expect_eq(cb_san_is_near(sans[i].kind, a, b), sans[i].near, "row %zu", i);
        cr_expect_eq(cb_san_is_near(sans[i].kind, b, a), sans[i].near, "row %zu the other way", i);
    }
}

Test(near, a_san_of_very_many_parts_is_near_nothing)
{
    static const char a[] = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"; /* 33 */
    static const char b[] = "b.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a";
    cr_expect(cb_san_is_near(CB_SAN_DNS, (struct cb_str){ a, 63 }, (struct cb_str){ b, 63 }), "32 parts");
    cr_expect_not(cb_san_is_near(CB_SAN_DNS, (struct cb_str){ a, 65 }, (struct cb_str){ b, 65 }), "33 parts");
}

Test(near, bytes_that_differ_are_counted_between_the_common_ends)
{
    static const struct {
        const char *a, *b;
        size_t differ;
    } rows[] = { { "", "", 0 },      { "acme", "acme", 0 }, { "acme", "", 4 },   { "acme", "acne", 1 },
                 { "aa", "aaa", 1 }, { "abcd", "xbcy", 4 }, { "abab", "ab", 2 }, { "acme ltd", "acme", 4 } };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_str a = cb_str_of(rows[i].a), b = cb_str_of(rows[i].b);
        cr_expect_eq(cb_differing_bytes(a, b), rows[i].differ, "row %zu", i);
        cr_expect_eq(cb_differing_bytes(b, a), rows[i].differ, "row %zu the other way", i);
    }
}

/* --- clients --- */

static const struct pki_value ca_name[] = { { .type = "C", .value = "GB" },
                                            { .type = "O", .value = "Scheme" },
                                            { .type = "CN", .value = "CA" },
                                            { .type = NULL } };
static const struct pki_value leaf_name[] = { { .type = "C", .value = "GB" },
                                              { .type = "O", .value = "Scheme" },
                                              { .type = "OU", .value = "acme-0001" },
                                              { .type = "CN", .value = "software-1" },
                                              { .type = NULL } };
#define LEAF_NAME "CN=software-1,OU=acme-0001,O=Scheme,C=GB"
static struct cb_arena arena;
static struct cb_group_verdict groups[] = {
    { .verdict = { .about = { "partners", 8 }, .good = true } },
    { .verdict = { .about = { "banks", 5 }, .good = false } },
};
static struct cb_explanation e;

static void issue(const struct pki_value *subject)
{
    struct cb_err err = { 0 };
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){
        .subject = subject, .issuer = ca, .san = "DNS:first.acme.example,DNS:api.acme.example" });
    char *pem = pki_pem((const struct pki_cert *const[]){ leaf }, 1);
    cr_assert_not(CB_FAILED(cb_explain_certificate(&arena, cb_str_of(pem), PKI_NOW, &e, &err)));
    e.groups = groups;
    e.group_count = CB_COUNT(groups);
    free(pem);
    pki_free(leaf);
    pki_free(ca);
}

static void setup(void)
{
    cb_arena_init(&arena, 8 * CB_MIB);
    issue(leaf_name);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(near_clients, .init = setup, .fini = teardown);

/* Nothing of the client outlives the call, as where it comes from a row of the store. */
static void consider(const char *id, enum cb_subject_kind kind, const char *subject, const char *group)
{
    char memory[2][64];
    struct cb_err err = { 0 };
    snprintf(memory[0], sizeof memory[0], "%s", id);
    snprintf(memory[1], sizeof memory[1], "%s", subject);
    const struct cb_client client = { .id = cb_str_of(memory[0]),
                                      .trust_group = cb_str_of(group),
                                      .method = CB_AUTH_TLS_CLIENT,
                                      .subject_kind = kind,
                                      .subject = cb_str_of(memory[1]) };
    cr_assert_not(CB_FAILED(cb_near_consider(&e, &client, &err)), "%s", err.detail);
    memset(memory, 'x', sizeof memory);
}

static void expect_ids(const char *want)
{
    char memory[100];
    struct cb_buf got;
    cb_buf_over(&got, memory, sizeof memory);
    cr_assert_not(CB_FAILED(cb_explain_near_misses(&e, NULL)));
    for (size_t i = 0; i < e.near_miss_count; i++) {
        cb_buf_add_str(&got, e.near_misses[i].client_id);
        cb_buf_add_char(&got, ' ');
    }
    cr_expect(cb_str_is(cb_buf_str(&got), want), "%.*s instead of %s", (int)got.n, got.p, want);
}

static const struct {
    const char *subject;
    bool near;
} names[] = {
    { "CN=software-2,OU=acme-0001,O=Scheme,C=GB", true },   /* its organisation */
    { "CN=software-1,OU=acme-0001,O=Schema,C=DE", true },   /* two differ, and two that tell are the same */
    { "CN=software-1,OU=x,O=Scheme,C=DE", false },          /* two differ, and one that tells is the same */
    { "CN=software-2,OU=other-0002,O=Scheme,C=GB", false }, /* what every partner of the CA has */
    { "CN=software-1,OU=acme-0001,O=Scheme,L=x,STREET=y,C=GB", true },
    { "CN=software-1,OU=acme-0001,O=Schema,L=x,C=DE", false }, /* three differ */
    { "C=GB,O=Scheme,OU=acme-0001,CN=software-1", true },      /* the other way round */
    { "CN=software-1", false },
};

Test(near_clients, of_a_subject_two_rdns_may_differ)
{
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        e.near_count = 0;
        consider("c", CB_SUBJECT_DN, names[i].subject, "partners");
        cr_expect_eq(e.near_count, names[i].near ? 1 : 0, "row %zu", i);
    }
}

/* Nothing else tells it from others of its CA. */
Test(near_clients, one_rdn_may_be_a_slip_of_three_bytes)
{
    static const struct pki_value only_cn[] = { { .type = "C", .value = "GB" },
                                                { .type = "O", .value = "Scheme" },
                                                { .type = "CN", .value = "api" },
                                                { .type = NULL } };
    issue(only_cn);
    consider("slip", CB_SUBJECT_DN, "CN=api.bc,O=Scheme,C=GB", "partners");
    consider("another", CB_SUBJECT_DN, "CN=api.bcd,O=Scheme,C=GB", "partners");
    consider("two", CB_SUBJECT_DN, "CN=apu,O=Scheme,C=GD", "partners");
    expect_ids("slip ");
}

Test(near_clients, are_those_of_groups_that_trust_the_certificate)
{
    consider("untrusted", CB_SUBJECT_DN, names[0].subject, "banks");
    consider("unknown", CB_SUBJECT_DN, names[0].subject, "gone");
    cr_expect_eq(e.near_count, 0);
    struct cb_client self_signed = { .id = CB_STR("self"), .method = CB_AUTH_SELF_SIGNED_TLS_CLIENT };
    cr_assert_not(CB_FAILED(cb_near_consider(&e, &self_signed, NULL)));
    expect_ids("");
}

/* In whatever order they come. */
Test(near_clients, the_three_nearest_stand_best_first)
{
    static const char *const all[][2] = {
        { "d-two-rdns", "CN=software-1,OU=acme-0001,O=Schema,C=DE" },
        { "c-more-bytes", "CN=software-234,OU=acme-0001,O=Scheme,C=GB" },
        { "b-same-as-a", "CN=software-2,OU=acme-0001,O=Scheme,C=GB" },
        { "a-one-byte", "CN=software-2,OU=acme-0001,O=Scheme,C=GB" },
        { "z-order", "C=GB,O=Scheme,OU=acme-0001,CN=software-1" },
    };
    for (size_t first = 0; first < CB_COUNT(all); first++) {
        e.near_count = 0;
        for (size_t i = 0; i < CB_COUNT(all); i++) {
            const char *const *one = all[(first + i * 2) % CB_COUNT(all)];
            consider(one[0], CB_SUBJECT_DN, one[1], "partners");
        }
        expect_ids("z-order a-one-byte b-same-as-a ");
    }
}

Test(near_clients, are_told_with_what_differs_and_what_to_register)
{
    consider("by-name", CB_SUBJECT_DN, "CN=software-9,OU=acme-0001,O=Scheme,C=GB", "partners");
    consider("by-san", CB_SUBJECT_SAN_DNS, "api2.acme.example", "partners");
    expect_ids("by-name by-san ");
    cr_expect(
        cb_str_is(e.near_misses[0].differs, "RDN 1: registered CN=software-9, certificate CN=software-1"));
    cr_expect(cb_str_is(e.near_misses[0].subject.value, LEAF_NAME));
    cr_expect(cb_str_is(e.near_misses[1].differs,
                        "registered DNS api2.acme.example, the certificate has DNS first.acme.example, "
                        "api.acme.example"));
    cr_expect_eq(e.near_misses[1].subject.kind, CB_SUBJECT_SAN_DNS);
    cr_expect(cb_str_is(e.near_misses[1].subject.value, "api.acme.example"), "the nearest of its SANs");
}

Test(near_clients, do_not_matter_when_the_certificate_is_somebodys)
{
    consider("near", CB_SUBJECT_DN, names[0].subject, "partners");
    e.is_somebodys = true;
    expect_ids("");
}

/* What is kept of very many clients is three, in the same memory. */
Test(near_clients, of_very_many_three_are_kept)
{
    consider("first", CB_SUBJECT_DN, "CN=software-1000000,OU=acme-0001,O=Scheme,C=GB", "partners");
    consider("first", CB_SUBJECT_DN, "CN=software-1000000,OU=acme-0001,O=Scheme,C=GB", "partners");
    consider("first", CB_SUBJECT_DN, "CN=software-1000000,OU=acme-0001,O=Scheme,C=GB", "partners");
    const size_t before = arena.used;
    for (int i = 9999; i >= 0; i--) {
        char id[16];
        snprintf(id, sizeof id, "c%04d", i);
        consider(id, CB_SUBJECT_DN, "CN=software-10,OU=acme-0001,O=Scheme,C=GB", "partners");
    }
    cr_expect_eq(arena.used, before);
    expect_ids("c0000 c0001 c0002 ");
}
