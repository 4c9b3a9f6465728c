/* What the server makes of a certificate: one row for each thing that can be wrong. */
#include "partner/explain.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "testlib/pki.h"

static const struct pki_value ca_name[] = { { .type = "CN", .value = "CA" }, { .type = NULL } };
static const struct pki_value leaf_name[] = { { .type = "O", .value = "Acme" },
                                              { .type = "CN", .value = "api" },
                                              { .type = NULL } };
static struct cb_arena arena;
static struct pki_cert *ca, *other_ca, *leaf;
static char anchors[] = "/tmp/certbound-explain-XXXXXX";
static struct cb_config_trust_group groups[2];
static struct cb_config config = { .trust_groups = groups, .trust_group_count = 2 };
static struct cb_trust_groups *trust;
static char *pem;

static void setup(void)
{
    struct cb_err err = { 0 };
    cb_arena_init(&arena, 64 * CB_MIB);
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    other_ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    leaf = pki_issue(&(struct pki_spec){ .subject = leaf_name, .issuer = ca });
    pem = pki_pem((const struct pki_cert *const[]){ leaf }, 1);
    char *ca_pem = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    const int fd = mkstemp(anchors);
    cr_assert(fd >= 0 && write(fd, ca_pem, strlen(ca_pem)) == (ssize_t)strlen(ca_pem));
    (void)close(fd);
    free(ca_pem);
    groups[0] = (struct cb_config_trust_group){
        .name = "partners", .anchors = anchors, .profile = "plain", .depth = 3
    };
    groups[1] =
        (struct cb_config_trust_group){ .name = "banks", .anchors = anchors, .profile = "psd2", .depth = 3 };
    cr_assert_not(CB_FAILED(cb_trust_groups_load(&config, &trust, &err)), "%s", err.detail);
}

static void teardown(void)
{
    (void)unlink(anchors);
    cb_trust_groups_unref(trust);
    free(pem);
    pki_free(leaf);
    pki_free(other_ca);
    pki_free(ca);
    cb_arena_done(&arena);
}

TestSuite(explain, .init = setup, .fini = teardown);

static struct cb_explanation of_pem(const char *text)
{
    struct cb_explanation e = { .now = 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_explain_certificate(&arena, cb_str_of(text), PKI_NOW, &e, &err)), "%s",
                  err.detail);
    return e;
}

static struct cb_explain_world world(void)
{
    return (struct cb_explain_world){ .config = &config, .trust = trust };
}

static void judge(struct cb_explanation *e, const struct cb_explain_world *w)
{
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_explain_groups(e, w, (struct cb_str){ 0 }, &err)), "%s", err.detail);
}

static struct cb_client client_named(const char *id)
{
    return (struct cb_client){ .id = cb_str_of(id),
                               .trust_group = CB_STR("partners"),
                               .enabled = true,
                               .method = CB_AUTH_TLS_CLIENT,
                               .subject_kind = CB_SUBJECT_DN,
                               .subject = CB_STR("CN=api,O=Acme") };
}

/* The reason why it is not the client's; NULL: it is. */
static const char *verdict(const struct cb_explain_world *w, const struct cb_client *client)
{
    struct cb_explanation e = of_pem(pem);
    struct cb_err err = { 0 };
    judge(&e, w);
    cr_assert_not(CB_FAILED(cb_explain_client(&e, client, &err)), "%s", err.detail);
    cr_assert_eq(e.client_count, 1);
    cr_expect_eq(cb_explanation_is_good(&e), e.clients[0].verdict.good);
    return e.clients[0].verdict.good ? NULL : e.clients[0].verdict.reason;
}

Test(explain, each_group_has_its_verdict)
{
    struct cb_explanation e = of_pem(pem);
    const struct cb_explain_world w = world();
    judge(&e, &w);
    cr_assert_eq(e.group_count, 2);
    cr_expect(e.groups[0].verdict.good && e.groups[0].issuer_key.n == 43);
    cr_expect(!e.groups[1].verdict.good && e.groups[1].issuer_key.n == 0);
    cr_expect_str_eq(e.groups[1].verdict.reason, "certificate_profile_mismatch");
    cr_expect(cb_str_is(e.facts.subject_to_register.value, "CN=api,O=Acme"));
}

static cb_status says_revoked(void *ctx, const struct cb_config_trust_group *group,
                              const struct cb_trust_path *path, const struct cb_cert *cert, int64_t now,
                              struct cb_err *err)
{
    cr_expect(path->count == 1 && cert->x5t.b[0] == ((const struct cb_cert *)ctx)->x5t.b[0] &&
              now == PKI_NOW);
    CB_ENSURE(!cb_str_is(CB_STR("partners"), group->name), CB_E_REVOCATION_UNKNOWN, "no list");
    return CB_OK;
}

Test(explain, a_client_is_refused_for_what_authentication_would_refuse_it_for)
{
    struct cb_explain_world w = world();
    struct cb_client c = client_named("acme");
    cr_expect_null(verdict(&w, &c));
    c.enabled = false;
    cr_expect_str_eq(verdict(&w, &c), "client_disabled");
    c = client_named("acme");
    c.suspended = true;
    cr_expect_str_eq(verdict(&w, &c), "client_suspended");
    c = client_named("acme");
    c.trust_group = CB_STR("gone");
    cr_expect_str_eq(verdict(&w, &c), "trust_group_unknown");
    c.trust_group = CB_STR("banks");
    config.listeners[CB_LISTENER_MTLS].proxy.trust_group = "banks";
    cr_expect_str_eq(verdict(&w, &c), "trust_group_reserved");
    config.listeners[CB_LISTENER_MTLS].proxy.trust_group = NULL;
    c = client_named("acme");
    c.has_issuer_key = true; /* of zeros: nobody's */
    cr_expect_str_eq(verdict(&w, &c), "certificate_issuer_not_pinned");
    c = client_named("acme");
    w.revoked_here = true;
    cr_expect_str_eq(verdict(&w, &c), "certificate_revoked");
    struct cb_explanation e = of_pem(pem);
    w = world();
    w.check_revoked = says_revoked;
    w.ctx = &e.cert;
    cr_expect_str_eq(verdict(&w, &c), "revocation_unknown");
}

Test(explain, time_counts_for_self_signed_certificates_too)
{
    const struct cb_explain_world w = world();
    struct cb_explanation e = of_pem(pem);
    struct cb_err err = { 0 };
    struct cb_client c = { .id = CB_STR("self"),
                           .enabled = true,
                           .method = CB_AUTH_SELF_SIGNED_TLS_CLIENT,
                           .certificates = &e.cert.x5t,
                           .certificate_count = 1 };
    judge(&e, &w);
    const int64_t nows[] = { e.cert.not_before - 1, e.cert.not_before, e.cert.not_after,
                             e.cert.not_after + 1 };
    for (size_t i = 0; i < CB_COUNT(nows); i++) {
        e.now = nows[i];
        cr_assert_not(CB_FAILED(cb_explain_client(&e, &c, &err)));
    }
    cr_expect_str_eq(e.clients[0].verdict.reason, "certificate_not_yet_valid");
    cr_expect(e.clients[1].verdict.good && e.clients[2].verdict.good);
    cr_expect_str_eq(e.clients[3].verdict.reason, "certificate_expired");
}

Test(explain, another_clients_word_is_told_only_where_it_is_asked_for)
{
    const struct cb_explain_world w = world();
    struct cb_explanation e = of_pem(pem);
    struct cb_err err = { 0 };
    struct cb_client c = client_named("other");
    c.subject = CB_STR("CN=api,O=Acme Ltd");
    judge(&e, &w);
    cr_assert_not(CB_FAILED(cb_explain_client(&e, &c, &err)));
    cr_expect_eq(e.client_count, 0);
    e.only_client = CB_STR("other");
    cr_assert_not(CB_FAILED(cb_explain_client(&e, &c, &err)));
    cr_assert_eq(e.client_count, 1);
    cr_expect(cb_str_is(e.clients[0].verdict.detail, "RDN 2: registered O=Acme Ltd, certificate O=Acme"),
              CB_STR_FMT, CB_STR_ARG(e.clients[0].verdict.detail));
    cr_expect(cb_str_is(e.clients[0].subject.value, "CN=api,O=Acme"));
    c = client_named("acme"); /* it would be good, and was not asked for */
    cr_assert_not(CB_FAILED(cb_explain_client(&e, &c, &err)));
    cr_expect_eq(e.client_count, 1);
}

Test(explain, of_very_many_clients_the_first_are_told)
{
    enum { TOLD = 64 };
    const struct cb_explain_world w = world();
    struct cb_explanation e = of_pem(pem);
    struct cb_err err = { 0 };
    const struct cb_client c = client_named("acme");
    judge(&e, &w);
    for (size_t i = 0; i <= TOLD; i++) {
        cr_assert_not(CB_FAILED(cb_explain_client(&e, &c, &err)));
        cr_expect_eq(e.client_count, i < TOLD ? i + 1 : TOLD);
    }
}

Test(explain, a_chain_has_its_bound)
{
    const struct pki_cert *many[CB_LIMIT_CHAIN + 1];
    struct cb_explanation e = { .now = 0 };
    struct cb_err err = { 0 };
    for (size_t i = 0; i < CB_COUNT(many); i++) {
        many[i] = i == 0 ? leaf : other_ca;
    }
    char *at = pki_pem(many, CB_LIMIT_CHAIN), *above = pki_pem(many, CB_LIMIT_CHAIN + 1);
    cr_expect_not(CB_FAILED(cb_explain_certificate(&arena, cb_str_of(at), PKI_NOW, &e, &err)));
    cr_expect_eq(e.der_count, CB_LIMIT_CHAIN);
    cr_expect(CB_FAILED(cb_explain_certificate(&arena, cb_str_of(above), PKI_NOW, &e, &err)));
    cr_expect_eq(err.code, CB_E_CERT_CHAIN);
    cb_err_clear(&err);
    cr_expect(CB_FAILED(cb_explain_certificate(&arena, CB_STR("nothing"), PKI_NOW, &e, &err)));
    cr_expect_eq(err.code, CB_E_CERT_MALFORMED);
    free(at);
    free(above);
}

Test(explain, a_group_that_is_not_there_is_said_so)
{
    struct cb_explanation e = of_pem(pem);
    const struct cb_explain_world w = world();
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_explain_groups(&e, &w, CB_STR("gone"), &err)));
    cr_expect_eq(err.code, CB_E_TRUST_GROUP_UNKNOWN);
    cb_err_clear(&err);
    cr_assert_not(CB_FAILED(cb_explain_groups(&e, &w, CB_STR("banks"), &err)));
    cr_expect(e.group_count == 1 && cb_str_is(e.groups[0].verdict.about, "banks"));
}
