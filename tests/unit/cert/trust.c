#include "cert/trust.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "testlib/pki.h"

enum { DAY = 86400 };

static struct cb_arena arena;
static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value sub_name[] = { { .type = "CN", .value = "Bank Sub CA" }, { .type = NULL } };

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(trust, .init = setup, .fini = teardown);

static struct cb_trust *trust_of(const struct pki_cert *const *anchors, size_t count)
{
    struct cb_trust *t = NULL;
    struct cb_err err = { 0 };
    char *pem = pki_pem(anchors, count);
    cr_assert_not(CB_FAILED(cb_trust_new(cb_str_of(pem), &t, &err)), "%s", err.detail);
    cr_assert_eq(cb_trust_anchor_count(t), count);
    free(pem);
    return t;
}

static enum cb_code check_at(const struct cb_trust *t, const struct pki_cert *leaf,
                             const struct pki_cert *sub, int64_t now, int64_t *until)
{
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    const struct cb_str chain[] = { sub == NULL ? (struct cb_str){ 0 } : pki_der(sub) };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(leaf), &cert, &err)), "%s", err.detail);
    (void)cb_trust_check(t, &cert, chain, sub != NULL, now, until, &err).v_;
    cb_cert_done(&cert);
    return err.code;
}

static enum cb_code check(const struct cb_trust *t, const struct pki_cert *leaf, const struct pki_cert *sub)
{
    int64_t until = 0;
    return check_at(t, leaf, sub, PKI_NOW, &until);
}

Test(trust, leads_over_intermediates_and_says_until_when)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *sub = pki_issue(
        &(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca, .not_after = PKI_NOW + 5 * DAY });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = sub, .not_after = PKI_NOW + 9 * DAY });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    int64_t until = 0;
    cr_expect_eq(check_at(t, leaf, sub, PKI_NOW, &until), CB_E_NONE);
    cr_expect_eq(until, PKI_NOW + 5 * DAY - 1);
    cr_expect_eq(check_at(t, leaf, sub, PKI_NOW + 5 * DAY - 1, &until), CB_E_NONE);
    cr_expect_eq(check_at(t, leaf, sub, PKI_NOW + 5 * DAY, &until), CB_E_CERT_EXPIRED);
    cr_expect_eq(check(t, leaf, NULL), CB_E_CERT_ISSUER_UNKNOWN);
    cb_trust_free(t);

    t = trust_of((const struct pki_cert *const[]){ sub }, 1);
    cr_expect_eq(check(t, leaf, NULL), CB_E_NONE, "an intermediate may be the anchor");
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(sub);
    pki_free(ca);
}

Test(trust, refuses_each_flaw_with_its_code)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    const struct {
        const char *what;
        struct pki_spec spec;
        enum cb_code code;
    } rows[] = {
        { "good", { .issuer = ca }, CB_E_NONE },
        { "no EKU at all", { .issuer = ca, .no_eku = true }, CB_E_NONE },
        { "RSA 2048", { .issuer = ca, .key = "RSA2048" }, CB_E_NONE },
        { "P-384", { .issuer = ca, .key = "P-384" }, CB_E_NONE },
        { "Ed25519", { .issuer = ca, .key = "ED25519" }, CB_E_NONE },
        { "expired", { .issuer = ca, .not_after = PKI_NOW - 1 }, CB_E_CERT_EXPIRED },
        { "not yet", { .issuer = ca, .not_before = PKI_NOW + 1 }, CB_E_CERT_NOT_YET_VALID },
        { "server only", { .issuer = ca, .eku = "serverAuth" }, CB_E_CERT_PURPOSE },
        { "key usage", { .issuer = ca, .key_usage = "critical,keyEncipherment" }, CB_E_CERT_PURPOSE },
        { "RSA 1024", { .issuer = ca, .key = "RSA1024" }, CB_E_CERT_WEAK },
        { "P-224", { .issuer = ca, .key = "P-224" }, CB_E_CERT_WEAK },
        { "SHA-1", { .issuer = ca, .digest = "SHA1" }, CB_E_CERT_WEAK },
        { "self-signed", { .subject = NULL }, CB_E_CERT_ISSUER_UNKNOWN },
    };
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct pki_cert *leaf = pki_issue(&rows[i].spec);
        const enum cb_code code = check(t, leaf, NULL);
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
        pki_free(leaf);
    }
    cb_trust_free(t);
    pki_free(ca);
}

Test(trust, an_end_entity_cannot_issue)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *end = pki_issue(&(struct pki_spec){ .subject = sub_name, .issuer = ca });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = end });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    cr_expect_neq(check(t, leaf, end), CB_E_NONE);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(end);
    pki_free(ca);
}

Test(trust, honours_name_constraints)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *sub =
        pki_issue(&(struct pki_spec){ .subject = sub_name,
                                      .ca = true,
                                      .issuer = ca,
                                      .name_constraints = "critical,permitted;DNS:good.example" });
    struct pki_cert *good = pki_issue(&(struct pki_spec){ .issuer = sub, .san = "DNS:a.good.example" });
    struct pki_cert *bad = pki_issue(&(struct pki_spec){ .issuer = sub, .san = "DNS:a.evil.example" });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    cr_expect_eq(check(t, good, sub), CB_E_NONE);
    cr_expect_eq(check(t, bad, sub), CB_E_CERT_CHAIN);
    cb_trust_free(t);
    pki_free(good);
    pki_free(bad);
    pki_free(sub);
    pki_free(ca);
}

/* A CA that calls itself like the anchor, with and without key identifiers to tell them apart. */
Test(trust, a_name_is_not_trust)
{
    for (int ids = 0; ids <= 1; ids++) {
        const bool none = ids == 0;
        struct pki_cert *real =
            pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .no_key_ids = none });
        struct pki_cert *fake =
            pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .no_key_ids = none });
        struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = fake, .no_key_ids = none });
        struct pki_cert *good = pki_issue(&(struct pki_spec){ .issuer = real, .no_key_ids = none });
        struct cb_trust *t = trust_of((const struct pki_cert *const[]){ real }, 1);
        cr_expect_eq(check(t, leaf, fake), none ? CB_E_CERT_SIGNATURE : CB_E_CERT_ISSUER_UNKNOWN);
        cr_expect_eq(check(t, leaf, NULL), none ? CB_E_CERT_SIGNATURE : CB_E_CERT_ISSUER_UNKNOWN);
        cr_expect_eq(check(t, good, fake), CB_E_NONE, "what else is presented does not matter");
        cb_trust_free(t);

        /* A group that trusts both: each leaf leads to its own, whichever comes first. */
        for (int order = 0; order <= 1; order++) {
            t = trust_of((const struct pki_cert *const[]){ order ? fake : real, order ? real : fake }, 2);
            cr_expect_eq(check(t, leaf, NULL), CB_E_NONE, "ids %d order %d", ids, order);
            cr_expect_eq(check(t, good, NULL), CB_E_NONE, "ids %d order %d", ids, order);
            cb_trust_free(t);
        }
        pki_free(leaf);
        pki_free(good);
        pki_free(fake);
        pki_free(real);
    }
}

/* The second look is answered from memory; that must know all that the first one did. */
Test(trust, what_it_remembers_ends_where_the_verdict_does)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca });
    struct pki_cert *leaf =
        pki_issue(&(struct pki_spec){ .issuer = sub, .not_before = PKI_NOW, .not_after = PKI_NOW + 9 });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    int64_t until = 0;
    for (int again = 0; again < 2; again++) {
        until = 0;
        cr_expect_eq(check_at(t, leaf, sub, PKI_NOW, &until), CB_E_NONE);
        cr_expect_eq(until, PKI_NOW + 8);
        cr_expect_eq(check_at(t, leaf, sub, PKI_NOW + 8, &until), CB_E_NONE);
        cr_expect_eq(check_at(t, leaf, sub, PKI_NOW + 9, &until), CB_E_CERT_EXPIRED);
        cr_expect_eq(check_at(t, leaf, sub, PKI_NOW - 1, &until), CB_E_CERT_NOT_YET_VALID);
        cr_expect_eq(check_at(t, leaf, NULL, PKI_NOW, &until), CB_E_CERT_ISSUER_UNKNOWN,
                     "without its intermediate");
    }
    struct cb_trust *other = trust_of((const struct pki_cert *const[]){ sub }, 1);
    cr_expect_eq(check_at(other, leaf, NULL, PKI_NOW, &until), CB_E_NONE, "another group asks for itself");
    cb_trust_free(other);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(sub);
    pki_free(ca);
}

Test(trust, takes_only_ca_certificates_as_anchors)
{
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ 0 });
    char *pem = pki_pem((const struct pki_cert *const[]){ leaf }, 1);
    const struct cb_str bad[] = { cb_str_of(pem), CB_STR(""), CB_STR("no PEM") };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        struct cb_trust *t = NULL;
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_trust_new(bad[i], &t, &err)));
        cr_expect_eq(err.code, CB_E_CONFIG);
    }
    free(pem);
    pki_free(leaf);
}
