#include "partner/registry.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "jwks.h"
#include "partner/match.h"
#include "testlib/pki.h"

static struct cb_client_record record_of(const char *id)
{
    return (struct cb_client_record){ .client_id = cb_str_of(id),
                                      .auth_method = CB_STR("tls_client_auth"),
                                      .subject_kind = CB_STR("tls_client_auth_subject_dn"),
                                      .subject = CB_STR("CN=a"),
                                      .scope = CB_STR("accounts payments"),
                                      .grant_types = CB_STR("client_credentials"),
                                      .enabled = true };
}

static enum cb_code add(struct cb_registry *r, const struct cb_client_record *c)
{
    struct cb_err err = { 0 };
    (void)cb_registry_add(r, c, &err).v_;
    return err.code;
}

Test(registry, finds_each_of_many_and_nobody_else)
{
    enum { MANY = 5000 };
    struct cb_registry *r = cb_registry_new();
    char id[32];
    cr_expect_null(cb_registry_find(r, CB_STR("c0")));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(id, sizeof id, "c%d", i);
        const struct cb_client_record c = record_of(id);
        cr_assert_eq(add(r, &c), CB_E_NONE);
    }
    cr_expect_eq(cb_registry_count(r), MANY);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(id, sizeof id, "c%d", i);
        const struct cb_client *c = cb_registry_find(r, cb_str_of(id));
        cr_assert(c != NULL && cb_str_is(c->id, id));
    }
    cr_expect_null(cb_registry_find(r, CB_STR("c5000")));
    cr_expect_null(cb_registry_find(r, CB_STR("")));
    cr_expect_null(cb_registry_find(r, CB_STR("c0\0")));
    const struct cb_client_record twice = record_of("c7");
    cr_expect_eq(add(r, &twice), CB_E_REGISTRATION);
    cb_registry_unref(r);
}

Test(registry, does_not_half_understand_a_client)
{
    struct cb_registry *r = cb_registry_new();
    struct cb_client_record rows[] = { record_of("a"), record_of("b"), record_of("c"),
                                       record_of("d"), record_of("e"), record_of("f") };
    rows[0].auth_method = CB_STR("private_key_jwt");
    rows[1].subject_kind = CB_STR("tls_client_auth_san_other");
    rows[2].subject_kind = (struct cb_str){ 0 };
    rows[3].grant_types = CB_STR("client_credentials password");
    rows[4].auth_method = CB_STR("self_signed_tls_client_auth");
    rows[5].issuer_key = CB_STR("not 32 bytes");
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_expect_eq(add(r, &rows[i]), CB_E_REGISTRATION, "row %zu", i);
        cr_expect_null(cb_registry_find(r, rows[i].client_id));
    }
    cr_expect_eq(cb_registry_count(r), 0);
    cb_registry_unref(r);
}

Test(client, has_what_it_registered)
{
    struct cb_arena a;
    cb_arena_init(&a, 1 << 16);
    const struct cb_client_record r = record_of("a");
    struct cb_client c = { 0 };
    cr_assert_not(CB_FAILED(cb_client_of(&a, &r, &c, NULL)));
    cr_expect(cb_client_has_scope(&c, CB_STR("accounts")) && cb_client_has_scope(&c, CB_STR("payments")));
    cr_expect_not(cb_client_has_scope(&c, CB_STR("account")));
    cr_expect_not(cb_client_has_scope(&c, CB_STR("")));
    cr_expect(cb_client_has_grant(&c, CB_GRANT_CLIENT_CREDENTIALS));
    cr_expect_not(cb_client_has_grant(&c, CB_GRANT_NONE));
    cb_arena_done(&a);
}

Test(client, words_read_back)
{
    for (enum cb_auth_method m = CB_AUTH_TLS_CLIENT; m < CB_AUTH__MAX; m++) {
        cr_expect_eq(cb_auth_method_of(cb_str_of(cb_auth_method_name(m))), m);
    }
    for (enum cb_subject_kind k = CB_SUBJECT_DN; k < CB_SUBJECT__MAX; k++) {
        cr_expect_eq(cb_subject_kind_of(cb_str_of(cb_subject_kind_name(k))), k);
    }
    cr_expect_eq(cb_auth_method_of(CB_STR("")), CB_AUTH_NONE);
    cr_expect_eq(cb_subject_kind_of(CB_STR("")), CB_SUBJECT_NONE);
    cr_expect_eq(cb_grant_of(CB_STR("")), CB_GRANT_NONE);
}

static enum cb_code match(const struct cb_client *client, const struct pki_cert *c, char detail[224])
{
    struct cb_arena a;
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    cb_arena_init(&a, 1 << 18);
    cr_assert_not(CB_FAILED(cb_cert_parse(&a, pki_der(c), &cert, NULL)));
    (void)cb_client_match(&a, client, &cert, &err).v_;
    memcpy(detail, err.detail, sizeof err.detail);
    cb_arena_done(&a);
    return err.code;
}

Test(match, compares_by_the_registered_kind_only)
{
    static const struct pki_value name[] = { { .type = "O", .value = "Acme Ltd" },
                                             { .type = "CN", .value = "a" },
                                             { .type = NULL } };
    struct pki_cert *c = pki_issue(&(struct pki_spec){
        .subject = name, .san = "DNS:a.example,URI:spiffe://x/y,IP:192.0.2.1,email:a@b.example" });
    static const struct {
        enum cb_subject_kind kind;
        const char *subject;
        enum cb_code code;
    } rows[] = {
        { CB_SUBJECT_DN, "CN=a,O=Acme Ltd", CB_E_NONE },
        { CB_SUBJECT_DN, "CN=a,O=Acme", CB_E_CERT_SUBJECT_MISMATCH },
        { CB_SUBJECT_DN, "O=Acme Ltd,CN=a", CB_E_CERT_SUBJECT_MISMATCH },
        { CB_SUBJECT_SAN_DNS, "a.example", CB_E_NONE },
        { CB_SUBJECT_SAN_DNS, "b.example", CB_E_CERT_SUBJECT_MISMATCH },
        { CB_SUBJECT_SAN_URI, "spiffe://x/y", CB_E_NONE },
        { CB_SUBJECT_SAN_URI, "a.example", CB_E_CERT_SUBJECT_MISMATCH },
        { CB_SUBJECT_SAN_IP, "192.0.2.1", CB_E_NONE },
        { CB_SUBJECT_SAN_IP, "192.0.2.2", CB_E_CERT_SUBJECT_MISMATCH },
        { CB_SUBJECT_SAN_EMAIL, "a@b.example", CB_E_NONE },
        { CB_SUBJECT_NONE, "", CB_E_CERT_SUBJECT_MISMATCH },
    };
    char detail[224];
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_client client = { .method = CB_AUTH_TLS_CLIENT,
                                          .subject_kind = rows[i].kind,
                                          .subject = cb_str_of(rows[i].subject) };
        cr_expect_eq(match(&client, c, detail), rows[i].code, "row %zu", i);
    }
    const struct cb_client client = { .method = CB_AUTH_TLS_CLIENT,
                                      .subject_kind = CB_SUBJECT_DN,
                                      .subject = CB_STR("CN=a,O=Acme") };
    (void)match(&client, c, detail);
    cr_expect_str_eq(detail, "RDN 2: registered O=Acme, certificate O=Acme Ltd");
    pki_free(c);
}

Test(match, a_self_signed_client_shows_one_of_its_certificates)
{
    struct pki_cert *mine = pki_issue(&(struct pki_spec){ 0 });
    struct pki_cert *same_key = pki_issue(&(struct pki_spec){ .reuse_key = mine->key });
    struct cb_x5t x5ts[2] = { 0 };
    char detail[224];
    cr_assert_not(CB_FAILED(cb_x5t_of(pki_der(mine), &x5ts[1], NULL)));
    struct cb_client client = { .method = CB_AUTH_SELF_SIGNED_TLS_CLIENT,
                                .certificates = x5ts,
                                .certificate_count = 2 };
    cr_expect_eq(match(&client, mine, detail), CB_E_NONE);
    cr_expect_eq(match(&client, same_key, detail), CB_E_CERT_NOT_REGISTERED,
                 "another certificate of the same key");
    client.certificate_count = 1;
    cr_expect_eq(match(&client, mine, detail), CB_E_CERT_NOT_REGISTERED);
    pki_free(mine);
    pki_free(same_key);
}

Test(client, keeps_the_thumbprints_of_its_self_signed_certificates)
{
    struct cb_arena a;
    cb_arena_init(&a, 1 << 18);
    char *jwks = test_jwks(3, NULL);
    struct cb_client_record r = record_of("s");
    r.auth_method = CB_STR("self_signed_tls_client_auth");
    r.subject_kind = r.subject = (struct cb_str){ 0 };
    r.jwks = cb_str_of(jwks);
    struct cb_client c = { 0 };
    cr_assert_not(CB_FAILED(cb_client_of(&a, &r, &c, NULL)));
    cr_expect_eq(c.certificate_count, 3);
    free(jwks);
    cb_arena_done(&a);
}

Test(registry, knows_what_was_revoked)
{
    enum { MANY = 1000 };
    struct cb_registry *r = cb_registry_new();
    struct cb_err err = { 0 };
    struct cb_x5t x = { .b = { 0 } };
    cr_expect_not(cb_registry_is_revoked(r, &x));
    for (uint32_t i = 0; i < MANY; i++) {
        memcpy(x.b, &i, sizeof i); /* many share a place to begin with */
        x.b[31] = 1;
        cr_assert_not(CB_FAILED(cb_registry_add_revoked(r, (struct cb_str){ (const char *)x.b, 32 }, &err)));
    }
    for (uint32_t i = 0; i < 2 * MANY; i++) {
        memcpy(x.b, &i, sizeof i);
        x.b[31] = 1;
        cr_expect_eq(cb_registry_is_revoked(r, &x), i < MANY, "%u", i);
    }
    cr_expect(CB_FAILED(cb_registry_add_revoked(r, CB_STR("short"), &err)));
    cr_expect_eq(err.code, CB_E_REGISTRATION);
    cb_registry_unref(r);
}

Test(registry, a_client_may_wait_for_its_key_set)
{
    struct cb_registry *r = cb_registry_new();
    struct cb_client_record c = { .client_id = CB_STR("a"),
                                  .auth_method = CB_STR("self_signed_tls_client_auth"),
                                  .jwks_uri = CB_STR("https://a.example/jwks"),
                                  .issuer_key = CB_STR("0123456789abcdef0123456789abcdef"),
                                  .statement_expires_at = 7,
                                  .suspended_at = 8 };
    cr_assert_eq(add(r, &c), CB_E_NONE);
    const struct cb_client *got = cb_registry_find(r, CB_STR("a"));
    cr_expect_eq(got->certificate_count, 0);
    cr_expect(cb_str_is(got->jwks_uri, "https://a.example/jwks"));
    cr_expect(got->has_issuer_key && got->issuer_key.b[31] == 'f');
    cr_expect(got->suspended && got->statement_expires_at == 7);
    c.client_id = CB_STR("b");
    c.issuer_key.n = 31;
    cr_expect_eq(add(r, &c), CB_E_REGISTRATION);
    cb_registry_unref(r);
}
