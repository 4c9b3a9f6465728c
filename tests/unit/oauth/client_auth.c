#include "oauth/client_auth.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "partner/peer.h"
#include "testlib/pki.h"
#include "world.h"

enum { DAY = 86400 };

static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value alice_name[] = { { .type = "CN", .value = "Alice" }, { .type = NULL } };
static const struct pki_value bob_name[] = { { .type = "CN", .value = "Bob" }, { .type = NULL } };

static struct cb_arena arena;
static struct pki_cert *ca, *alice, *bob, *renewed, *expired, *stranger;
static char anchors[] = "/tmp/certbound-anchors-XXXXXX";
static struct cb_trust_groups *trust;
static struct cb_registry *registry;
static struct cb_config_trust_group group = {
    .name = "partners", .anchors = anchors, .profile = "plain", .revocation = { .check = "off" }
};
static struct cb_config config = { .trust_groups = &group, .trust_group_count = 1 };

static void add_record(const struct cb_client_record *r)
{
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_registry_add(registry, r, &err)), "%s", err.detail);
}

static void add(const char *id, const char *method, const char *kind, const char *subject,
                const char *trust_group, bool enabled)
{
    add_record(&(struct cb_client_record){ .client_id = cb_str_of(id),
                                           .auth_method = cb_str_of(method),
                                           .subject_kind = cb_str_of(kind),
                                           .subject = cb_str_of(subject),
                                           .trust_group = cb_str_of(trust_group),
                                           .grant_types = CB_STR("client_credentials"),
                                           .enabled = enabled });
}

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    alice = pki_issue(&(struct pki_spec){ .subject = alice_name, .issuer = ca });
    renewed = pki_issue(&(struct pki_spec){ .subject = alice_name, .issuer = ca });
    bob = pki_issue(&(struct pki_spec){ .subject = bob_name, .issuer = ca });
    expired =
        pki_issue(&(struct pki_spec){ .subject = alice_name, .issuer = ca, .not_after = PKI_NOW - DAY });
    stranger = pki_issue(&(struct pki_spec){ .subject = alice_name });

    char *pem = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    const int fd = mkstemp(anchors);
    cr_assert_eq(write(fd, pem, strlen(pem)), (ssize_t)strlen(pem));
    (void)close(fd);
    free(pem);
    cr_assert_not(CB_FAILED(cb_trust_groups_load(&config, &trust, NULL)));
    registry = cb_registry_new();
    add("alice", "tls_client_auth", "tls_client_auth_subject_dn", "CN=Alice", "partners", true);
    add("off", "tls_client_auth", "tls_client_auth_subject_dn", "CN=Alice", "partners", false);
    add_record(&(struct cb_client_record){ .client_id = CB_STR("suspended"),
                                           .auth_method = CB_STR("tls_client_auth"),
                                           .subject_kind = CB_STR("tls_client_auth_subject_dn"),
                                           .subject = CB_STR("CN=Alice"),
                                           .trust_group = CB_STR("partners"),
                                           .suspended_at = PKI_NOW,
                                           .enabled = true });
    add("lost", "tls_client_auth", "tls_client_auth_subject_dn", "CN=Alice", "gone", true);
    world = (struct cb_snapshot){ .generation = 1, .config = &config, .trust = trust, .registry = registry };
}

static void teardown(void)
{
    (void)unlink(anchors);
    cb_trust_groups_unref(trust);
    cb_registry_unref(registry);
    struct pki_cert *all[] = { ca, alice, bob, renewed, expired, stranger };
    for (size_t i = 0; i < CB_COUNT(all); i++) {
        pki_free(all[i]);
    }
    cb_arena_done(&arena);
}

TestSuite(client_auth, .init = setup, .fini = teardown);

static struct cb_peer *peer_of(const struct pki_cert *c)
{
    const struct cb_str der = pki_der(c);
    return cb_peer_new(&der, 1);
}

static enum cb_code authenticate(struct cb_peer *peer, const char *id, int64_t now,
                                 struct cb_str authorization, struct cb_client_auth_form form)
{
    struct cb_request rq = { .now = now,
                             .arena = &arena,
                             .peer = peer,
                             .form = &form,
                             .client_id = cb_str_of(id),
                             .authorization = authorization };
    struct cb_reply reply = { 0 };
    struct cb_err err = { 0 };
    const cb_status st = cb_client_authenticate(NULL, &rq, &reply, &err);
    cr_expect_eq(CB_FAILED(st), rq.client == NULL);
    cr_expect_eq(CB_FAILED(st), err.code != CB_E_NONE);
    cr_expect(CB_FAILED(st) || cb_str_is(rq.client->id, id));
    return err.code;
}

static void trust_both(const struct pki_cert *other)
{
    char *pem = pki_pem((const struct pki_cert *const[]){ ca, other }, 2);
    const int fd = open(anchors, O_WRONLY | O_TRUNC);
    cr_assert_eq(write(fd, pem, strlen(pem)), (ssize_t)strlen(pem));
    (void)close(fd);
    free(pem);
    cb_trust_groups_unref(trust);
    cr_assert_not(CB_FAILED(cb_trust_groups_load(&config, &trust, NULL)));
    world.trust = trust;
}

/* Alice, if her certificate was issued by this CA. */
static void pin(const char *id, const struct pki_cert *issuer)
{
    struct cb_cert cert = { 0 };
    struct cb_key_hash key = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(issuer), &cert, NULL)));
    cr_assert_not(CB_FAILED(cb_key_hash_of(cert.public_key, &key, NULL)));
    const struct cb_client_record r = { .client_id = cb_str_of(id),
                                        .auth_method = CB_STR("tls_client_auth"),
                                        .subject_kind = CB_STR("tls_client_auth_subject_dn"),
                                        .subject = CB_STR("CN=Alice"),
                                        .trust_group = CB_STR("partners"),
                                        .issuer_key = { (const char *)key.b, sizeof key.b },
                                        .enabled = true };
    cr_assert_not(CB_FAILED(cb_registry_add(registry, &r, NULL)));
}

static const struct cb_client_auth_form nothing_else;
static const struct cb_str no_header;

Test(client_auth, each_refusal_has_its_code)
{
    const struct {
        const struct pki_cert *cert;
        const char *id;
        enum cb_code code;
    } rows[] = {
        { alice, "alice", CB_E_NONE },
        { renewed, "alice", CB_E_NONE },
        { NULL, "alice", CB_E_CERT_MISSING },
        { NULL, "nobody", CB_E_CERT_MISSING },
        { alice, NULL, CB_E_CLIENT_ID_MISSING },
        { alice, "", CB_E_CLIENT_ID_MISSING },
        { alice, "nobody", CB_E_CLIENT_UNKNOWN },
        { alice, "off", CB_E_CLIENT_DISABLED },
        { alice, "suspended", CB_E_CLIENT_SUSPENDED },
        { alice, "lost", CB_E_TRUST_GROUP_UNKNOWN },
        { bob, "alice", CB_E_CERT_SUBJECT_MISMATCH },
        { expired, "alice", CB_E_CERT_EXPIRED },
        { stranger, "alice", CB_E_CERT_ISSUER_UNKNOWN },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_peer *p = rows[i].cert == NULL ? NULL : peer_of(rows[i].cert);
        for (int again = 0; again < 2; again++) { /* what a connection remembers changes nothing */
            cr_expect_eq(authenticate(p, rows[i].id, PKI_NOW, no_header, nothing_else), rows[i].code,
                         "row %zu", i);
        }
        cb_peer_free(p);
    }
}

/* The same snapshot of the store, under another configuration. */
Test(client_auth, a_group_of_proxies_or_administrators_has_no_clients)
{
    static const enum { PROXIES, ADMINISTRATORS } takers[] = { PROXIES, ADMINISTRATORS };
    for (size_t i = 0; i < CB_COUNT(takers); i++) {
        struct cb_config taken = config;
        struct cb_peer *p = peer_of(alice);
        cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_NONE);
        *(takers[i] == PROXIES ? &taken.listeners[CB_LISTENER_MTLS].proxy.trust_group
                               : &taken.listeners[CB_LISTENER_ADMIN].trust_group) = "partners";
        world.config = &taken;
        world.generation++;
        cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_CLIENT_GROUP_RESERVED);
        world.config = &config;
        cb_peer_free(p);
    }
}

Test(client_auth, refuses_other_methods_first)
{
    struct cb_peer *p = peer_of(alice);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, CB_STR("Basic x"), nothing_else), CB_E_CLIENT_AUTH_HEADER);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, CB_STR(""), nothing_else), CB_E_CLIENT_AUTH_HEADER);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header,
                              (struct cb_client_auth_form){ .client_secret = CB_STR("x") }),
                 CB_E_CLIENT_AUTH_METHOD);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header,
                              (struct cb_client_auth_form){ .client_assertion = CB_STR("x") }),
                 CB_E_CLIENT_AUTH_METHOD);
    cb_peer_free(p);
}

Test(client_auth, refuses_bytes_that_are_no_certificate)
{
    const struct cb_str junk = CB_STR("junk");
    struct cb_peer *p = cb_peer_new(&junk, 1);
    cr_assert_not_null(p);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_CERT_MALFORMED);
    cb_peer_free(p);
}

/* A live connection may outlast its certificate. */
Test(client_auth, a_remembered_verdict_ends_with_the_certificate)
{
    struct cb_peer *p = peer_of(alice);
    const int64_t end = PKI_NOW + 365LL * DAY;
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_NONE);
    cr_expect_eq(authenticate(p, "alice", end - 1, no_header, nothing_else), CB_E_NONE);
    cr_expect_eq(authenticate(p, "alice", end, no_header, nothing_else), CB_E_CERT_EXPIRED);
    cr_expect_eq(authenticate(p, "alice", end + 1, no_header, nothing_else), CB_E_CERT_EXPIRED);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW - 2 * DAY, no_header, nothing_else),
                 CB_E_CERT_NOT_YET_VALID);
    cb_peer_free(p);
}

/* A client may be pinned to one CA of its group, whatever the CAs are called. */
Test(client_auth, heeds_the_pin_of_the_issuer)
{
    struct pki_cert *twin = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *of_twin = pki_issue(&(struct pki_spec){ .subject = alice_name, .issuer = twin });
    trust_both(twin);
    pin("alice-of-ca", ca);
    pin("alice-of-twin", twin);
    const struct {
        const struct pki_cert *cert;
        const char *id;
        enum cb_code code;
    } rows[] = {
        { alice, "alice", CB_E_NONE },
        { of_twin, "alice", CB_E_NONE },
        { alice, "alice-of-ca", CB_E_NONE },
        { of_twin, "alice-of-ca", CB_E_CERT_ISSUER_NOT_PINNED },
        { alice, "alice-of-twin", CB_E_CERT_ISSUER_NOT_PINNED },
        { of_twin, "alice-of-twin", CB_E_NONE },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_peer *p = peer_of(rows[i].cert);
        for (int again = 0; again < 2; again++) {
            cr_expect_eq(authenticate(p, rows[i].id, PKI_NOW, no_header, nothing_else), rows[i].code,
                         "row %zu", i);
        }
        cb_peer_free(p);
    }
    pki_free(of_twin);
    pki_free(twin);
}

/* ... and may meet another registry. */
Test(client_auth, a_remembered_match_ends_with_the_generation)
{
    struct cb_peer *p = peer_of(alice);
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_NONE);
    cb_registry_unref(registry);
    registry = cb_registry_new();
    add("alice", "tls_client_auth", "tls_client_auth_subject_dn", "CN=Bob", "partners", true);
    world.registry = registry;
    world.generation = 2;
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_CERT_SUBJECT_MISMATCH);
    cb_peer_free(p);
}

Test(client_auth, is_not_ready_before_the_registry_is)
{
    struct cb_peer *p = peer_of(alice);
    world.registry = NULL;
    cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), CB_E_HTTP_NOT_READY);
    cb_peer_free(p);
}

/* The profile of the trust group is asked before whose certificate it is. */
Test(client_auth, heeds_the_profile_of_the_trust_group)
{
    static const struct {
        const char *profile;
        enum cb_code code;
    } rows[] = {
        { "plain", CB_E_NONE },           { "psd2", CB_E_CERT_PROFILE }, { "obuk", CB_E_CERT_PROFILE },
        { "ofbr", CB_E_CERT_PROFILE },    { "", CB_E_CERT_PROFILE },     { NULL, CB_E_CERT_PROFILE },
        { "no word", CB_E_CERT_PROFILE },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_peer *p = peer_of(alice);
        group.profile = rows[i].profile;
        cr_expect_eq(authenticate(p, "alice", PKI_NOW, no_header, nothing_else), rows[i].code, "row %zu", i);
        cb_peer_free(p);
    }
}
