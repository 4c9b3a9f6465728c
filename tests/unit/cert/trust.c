#include "cert/trust.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
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
    const struct cb_pem_text text = { "anchors.pem", cb_str_of(pem) };
    const struct cb_trust_options o = { .anchors = &text, .anchor_count = 1, .depth = CB_LIMIT_CHAIN - 1 };
    cr_assert_not(CB_FAILED(cb_trust_new(&o, &t, &err)), "%s", err.detail);
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
    struct cb_trust_path *path = NULL;
    (void)cb_trust_check(t, &cert, chain, sub != NULL, now, &path, &err).v_;
    cr_expect_eq(path == NULL, err.code != CB_E_NONE);
    *until = path == NULL ? *until : path->until;
    cb_trust_path_unref(path);
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
        { "keyAgreement", { .issuer = ca, .key_usage = "critical,keyAgreement" }, CB_E_CERT_PURPOSE },
        { "any EKU", { .issuer = ca, .eku = "anyExtendedKeyUsage" }, CB_E_CERT_PURPOSE },
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

Test(trust, refuses_md5)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .key = "RSA2048" });
    struct pki_cert *good = pki_issue(&(struct pki_spec){ .issuer = ca });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = ca, .digest = "MD5" });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    cr_expect_eq(check(t, good, NULL), CB_E_NONE);
    cr_expect_eq(check(t, leaf, NULL), CB_E_CERT_WEAK);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(good);
    pki_free(ca);
}

Test(trust, refuses_each_flaw_of_an_intermediate_with_its_code)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    const struct {
        const char *what;
        struct pki_spec spec;
        enum cb_code code;
    } rows[] = {
        { "good", { .issuer = ca, .ca = true }, CB_E_NONE },
        { "for clients", { .issuer = ca, .ca = true, .eku = "clientAuth" }, CB_E_NONE },
        { "an end entity", { .issuer = ca }, CB_E_CERT_CHAIN },
        { "CA:FALSE", { .issuer = ca, .ca = true, .constraints = "critical,CA:FALSE" }, CB_E_CERT_CHAIN },
        { "a CA by its keyUsage alone", { .issuer = ca, .ca = true, .constraints = "" }, CB_E_CERT_CHAIN },
        { "no keyCertSign", { .issuer = ca, .ca = true, .key_usage = "cRLSign" }, CB_E_CERT_CHAIN },
        { "for servers", { .issuer = ca, .ca = true, .eku = "serverAuth" }, CB_E_CERT_PURPOSE },
        { "expired", { .issuer = ca, .ca = true, .not_after = PKI_NOW - 1 }, CB_E_CERT_EXPIRED },
        { "not yet", { .issuer = ca, .ca = true, .not_before = PKI_NOW + 1 }, CB_E_CERT_NOT_YET_VALID },
        { "RSA 1024", { .issuer = ca, .ca = true, .key = "RSA1024" }, CB_E_CERT_WEAK },
        { "P-224", { .issuer = ca, .ca = true, .key = "P-224" }, CB_E_CERT_WEAK },
        { "SHA-1", { .issuer = ca, .ca = true, .digest = "SHA1" }, CB_E_CERT_WEAK },
    };
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct pki_spec spec = rows[i].spec;
        spec.subject = sub_name;
        struct pki_cert *sub = pki_issue(&spec);
        struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
        const enum cb_code code = check(t, leaf, sub);
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
        pki_free(leaf);
        pki_free(sub);
    }
    cb_trust_free(t);
    pki_free(ca);
}

Test(trust, refuses_each_flaw_of_an_anchor_but_its_own_signature)
{
    const struct {
        const char *what;
        struct pki_spec spec;
        enum cb_code code;
    } rows[] = {
        { "signed with SHA-1", { .ca = true, .digest = "SHA1" }, CB_E_NONE },
        { "expired", { .ca = true, .not_after = PKI_NOW - 1 }, CB_E_CERT_EXPIRED },
        { "RSA 1024", { .ca = true, .key = "RSA1024" }, CB_E_CERT_WEAK },
        { "P-224", { .ca = true, .key = "P-224" }, CB_E_CERT_WEAK },
        { "pathlen 0", { .ca = true, .constraints = "critical,CA:TRUE,pathlen:0" }, CB_E_NONE },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct pki_spec spec = rows[i].spec;
        spec.subject = ca_name;
        struct pki_cert *ca = pki_issue(&spec);
        struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = ca });
        struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
        const enum cb_code code = check(t, leaf, NULL);
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
        cb_trust_free(t);
        pki_free(leaf);
        pki_free(ca);
    }
}

Test(trust, honours_path_length)
{
    struct pki_cert *ca = pki_issue(
        &(struct pki_spec){ .subject = ca_name, .ca = true, .constraints = "critical,CA:TRUE,pathlen:0" });
    struct pki_cert *sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    cr_expect_eq(check(t, leaf, sub), CB_E_CERT_CHAIN);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(sub);
    pki_free(ca);
}

/* Nobody authenticates as the CA, whatever its certificate would allow. */
Test(trust, an_anchor_is_no_client)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){
        .subject = ca_name, .ca = true, .eku = "clientAuth", .key_usage = "digitalSignature,keyCertSign" });
    struct pki_cert *sub = pki_issue(&(struct pki_spec){
        .subject = sub_name, .ca = true, .issuer = ca, .key_usage = "digitalSignature,keyCertSign" });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    cr_expect_eq(check(t, ca, NULL), CB_E_CERT_CHAIN);
    cb_trust_free(t);
    t = trust_of((const struct pki_cert *const[]){ sub }, 1);
    cr_expect_eq(check(t, sub, NULL), CB_E_CERT_CHAIN);
    cb_trust_free(t);
    pki_free(sub);
    pki_free(ca);
}

Test(trust, refuses_a_changed_signature)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = ca });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    cr_expect_eq(check(t, leaf, NULL), CB_E_NONE);
    leaf->der[leaf->der_n - 1] ^= 1;
    cr_expect_eq(check(t, leaf, NULL), CB_E_CERT_SIGNATURE);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(ca);
}

Test(trust, says_which_issuer_is_missing)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    struct cb_trust_path *path = NULL;
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(leaf), &cert, NULL)));
    cr_expect(CB_FAILED(cb_trust_check(t, &cert, NULL, 0, PKI_NOW, &path, &err)));
    cr_expect_eq(err.code, CB_E_CERT_ISSUER_UNKNOWN);
    cr_expect_not_null(strstr(err.detail, ", issued by CN=Bank Sub CA"), "%s", err.detail);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(sub);
    pki_free(ca);
}

static bool leads(const struct cb_trust *t, const struct cb_cert *leaf, const struct cb_str *ders,
                  size_t count)
{
    struct cb_trust_path *path = NULL;
    const bool good = !CB_FAILED(cb_trust_check(t, leaf, ders, count, PKI_NOW, &path, NULL));
    cb_trust_path_unref(path);
    return good;
}

/* In any order, with the leaf, the anchor, a stranger and rubbish among them; up to the limit. */
Test(trust, takes_a_chain_as_it_comes)
{
    enum { CAS = CB_LIMIT_CHAIN }; /* the anchor and seven below it */
    static char names[CAS][16];
    struct pki_cert *cas[CAS] = { NULL };
    struct cb_str ders[CAS + 2] = { { 0 } };
    for (int i = 0; i < CAS; i++) {
        (void)snprintf(names[i], sizeof names[i], "CA %d", i);
        const struct pki_value name[] = { { .type = "CN", .value = names[i] }, { .type = NULL } };
        cas[i] =
            pki_issue(&(struct pki_spec){ .subject = name, .ca = true, .issuer = i > 0 ? cas[i - 1] : NULL });
        ders[i] = pki_der(cas[i]);
    }
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = cas[CAS - 1] });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ cas[0] }, 1);
    struct cb_cert cert = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(leaf), &cert, NULL)));
    cr_expect(leads(t, &cert, ders, CAS), "anchor included");
    cr_expect(leads(t, &cert, ders + 1, CAS - 1));
    cr_expect_not(leads(t, &cert, ders + 2, CAS - 2), "one is missing");

    struct pki_cert *low = pki_issue(&(struct pki_spec){ .issuer = cas[2] });
    const struct cb_str mixed[] = { CB_STR("0\x82"), ders[1], pki_der(leaf), ders[0], pki_der(low), ders[2] };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(low), &cert, NULL)));
    cr_expect(leads(t, &cert, mixed, CB_COUNT(mixed)));
    cb_trust_free(t);
    pki_free(low);
    pki_free(leaf);
    for (int i = 0; i < CAS; i++) {
        pki_free(cas[i]);
    }
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
        cr_expect_eq(check(t, leaf, fake), CB_E_CERT_ISSUER_UNKNOWN);
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

/* A root renewed with its key: the bundle holds both until the old one is taken out. */
Test(trust, of_two_anchors_with_one_key_the_one_in_force_counts)
{
    for (int ids = 0; ids <= 1; ids++) {
        const bool none = ids == 0;
        struct pki_cert *old = pki_issue(&(struct pki_spec){
            .subject = ca_name, .ca = true, .no_key_ids = none, .not_after = PKI_NOW - 1 });
        struct pki_cert *new = pki_issue(
            &(struct pki_spec){ .subject = ca_name, .ca = true, .no_key_ids = none, .reuse_key = old->key });
        struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = old, .no_key_ids = none });
        for (int order = 0; order <= 1; order++) {
            struct cb_trust *t =
                trust_of((const struct pki_cert *const[]){ order ? new : old, order ? old : new }, 2);
            cr_expect_eq(check(t, leaf, NULL), CB_E_NONE, "ids %d order %d", ids, order);
            cb_trust_free(t);
        }
        pki_free(leaf);
        pki_free(new);
        pki_free(old);
    }
}

/* An intermediate that changed its key: the group holds the root and the old one, the partner shows the new.
 */
Test(trust, an_anchor_does_not_stand_before_a_presented_certificate_of_its_name)
{
    struct pki_cert *root =
        pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .no_key_ids = true });
    const struct pki_spec spec = { .subject = sub_name, .ca = true, .issuer = root, .no_key_ids = true };
    struct pki_cert *was = pki_issue(&spec), *is = pki_issue(&spec);
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = is, .no_key_ids = true });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ root, was }, 2);
    cr_expect_eq(check(t, leaf, is), CB_E_NONE);
    cr_expect_eq(check(t, leaf, was), CB_E_CERT_SIGNATURE);
    cr_expect_eq(check(t, leaf, NULL), CB_E_CERT_SIGNATURE);
    cb_trust_free(t);
    pki_free(leaf);
    pki_free(is);
    pki_free(was);
    pki_free(root);
}
