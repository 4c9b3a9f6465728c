/* What a trust group may demand beyond a good chain: each option at its edge, with its code. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cert/trust.h"
#include "testlib/pki.h"

enum { DAY = 86400 };

static struct cb_arena arena;
static struct pki_cert *ca;
static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value sub_name[] = { { .type = "CN", .value = "Bank Sub CA" }, { .type = NULL } };

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
}

static void teardown(void)
{
    pki_free(ca);
    cb_arena_done(&arena);
}

TestSuite(trust_options, .init = setup, .fini = teardown);

/* The options, with these anchors and, where there is one, this intermediate. */
static struct cb_trust *trust_of(struct cb_trust_options o, const struct pki_cert *anchor,
                                 const struct pki_cert *intermediate)
{
    struct cb_trust *t = NULL;
    struct cb_err err = { 0 };
    char *anchors = pki_pem(&anchor, 1);
    char *intermediates = intermediate == NULL ? NULL : pki_pem(&intermediate, 1);
    const struct cb_pem_text texts[] = { { "a.pem", cb_str_of(anchors) },
                                         { "i.pem", cb_str_of(intermediates) } };
    o.anchors = &texts[0];
    o.anchor_count = 1;
    o.intermediates = &texts[1];
    o.intermediate_count = intermediate == NULL ? 0 : 1;
    cr_assert_not(CB_FAILED(cb_trust_new(&o, &t, &err)), "%s", err.detail);
    free(anchors);
    free(intermediates);
    return t;
}

static enum cb_code check(const struct cb_trust *t, const struct pki_cert *leaf,
                          const struct pki_cert *const *above, size_t count)
{
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    struct cb_str chain[CB_LIMIT_CHAIN] = { { 0 } };
    struct cb_trust_path *path = NULL;
    for (size_t i = 0; i < count; i++) {
        chain[i] = pki_der(above[i]);
    }
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(leaf), &cert, &err)), "%s", err.detail);
    (void)cb_trust_check(t, &cert, chain, count, PKI_NOW, &path, &err).v_;
    cb_trust_path_unref(path);
    return err.code;
}

struct row {
    const char *what;
    struct cb_trust_options options;
    struct pki_spec spec;
    enum cb_code code;
};

/* Leaves right below the anchor. */
static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pki_spec spec = rows[i].spec;
        spec.issuer = ca;
        struct pki_cert *leaf = pki_issue(&spec);
        struct cb_trust *t = trust_of(rows[i].options, ca, NULL);
        for (int again = 0; again < 2; again++) {
            const enum cb_code code = check(t, leaf, NULL, 0);
            cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
        }
        cb_trust_free(t);
        pki_free(leaf);
    }
}

Test(trust_options, length_of_a_leafs_validity)
{
    const struct cb_trust_options year = { .max_validity_s = 365LL * DAY };
    const int64_t from = PKI_NOW - DAY;
    const struct row rows[] = {
        { "a year", year, { .not_before = from, .not_after = from + 365LL * DAY }, CB_E_NONE },
        { "a second more",
          year,
          { .not_before = from, .not_after = from + 365LL * DAY + 1 },
          CB_E_CERT_LIFETIME },
        { "any", { .depth = 0 }, { .not_before = from, .not_after = from + 9999LL * DAY }, CB_E_NONE },
    };
    check_rows(rows, CB_COUNT(rows));
}

Test(trust_options, key_sizes)
{
    const struct row rows[] = {
        { "RSA as large", { .min_rsa_bits = 3072 }, { .key = "RSA3072" }, CB_E_NONE },
        { "RSA too small", { .min_rsa_bits = 3072 }, { .key = "RSA2048" }, CB_E_CERT_KEY_SIZE },
        { "RSA by a bit", { .min_rsa_bits = 2049 }, { .key = "RSA2048" }, CB_E_CERT_KEY_SIZE },
        { "RSA below all", { .min_rsa_bits = 3072 }, { .key = "RSA1024" }, CB_E_CERT_WEAK },
        { "zero is not less", { .min_rsa_bits = 0 }, { .key = "RSA1024" }, CB_E_CERT_WEAK },
        { "EC does not heed RSA's", { .min_rsa_bits = 3072 }, { .key = "P-256" }, CB_E_NONE },
        { "EC as large", { .min_ec_bits = 256 }, { .key = "P-256" }, CB_E_NONE },
        { "EC below all", { .min_ec_bits = 0 }, { .key = "P-224" }, CB_E_CERT_WEAK },
    };
    check_rows(rows, CB_COUNT(rows));
}

/* The anchor's key signs, so it counts too. */
Test(trust_options, key_sizes_of_the_whole_chain)
{
    struct pki_cert *root = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .key = "P-384" });
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = root, .key = "P-384" });
    struct pki_cert *low = pki_issue(&(struct pki_spec){ .issuer = ca, .key = "P-384" });
    struct cb_trust *t = trust_of((struct cb_trust_options){ .min_ec_bits = 384 }, root, NULL);
    cr_expect_eq(check(t, leaf, NULL, 0), CB_E_NONE);
    cb_trust_free(t);
    t = trust_of((struct cb_trust_options){ .min_ec_bits = 384 }, ca, NULL);
    cr_expect_eq(check(t, low, NULL, 0), CB_E_CERT_KEY_SIZE);
    cb_trust_free(t);
    pki_free(low);
    pki_free(leaf);
    pki_free(root);
}

#define USAGES(...)                                                                                          \
    {                                                                                                        \
        .extended_key_usage = (const char *const[]){ __VA_ARGS__ },                                          \
        .extended_key_usage_count = sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)            \
    }

Test(trust_options, extended_key_usage)
{
    const struct row rows[] = {
        { "none asked, none there", { .depth = 0 }, { .no_eku = true }, CB_E_NONE },
        { "none asked, another there", { .depth = 0 }, { .eku = "serverAuth" }, CB_E_CERT_PURPOSE },
        { "none asked, both there", { .depth = 0 }, { .eku = "serverAuth,clientAuth" }, CB_E_NONE },
        { "asked and there", USAGES("clientAuth"), { .eku = "clientAuth" }, CB_E_NONE },
        { "asked, none there", USAGES("clientAuth"), { .no_eku = true }, CB_E_CERT_EKU },
        { "asked, another there", USAGES("clientAuth"), { .eku = "serverAuth" }, CB_E_CERT_EKU },
        { "a server's as a client's", USAGES("serverAuth"), { .eku = "serverAuth" }, CB_E_NONE },
        { "two asked", USAGES("clientAuth", "1.2.3.4"), { .eku = "1.2.3.4,clientAuth" }, CB_E_NONE },
        { "one of two", USAGES("clientAuth", "1.2.3.4"), { .eku = "clientAuth" }, CB_E_CERT_EKU },
        { "a longer one", USAGES("1.2.3.4"), { .eku = "1.2.3.4.5" }, CB_E_CERT_EKU },
        { "any", USAGES("clientAuth"), { .eku = "anyExtendedKeyUsage" }, CB_E_CERT_EKU },
    };
    check_rows(rows, CB_COUNT(rows));
}

/* A CA that is for something else does not make clients. */
Test(trust_options, extended_key_usage_of_an_intermediate)
{
    const struct {
        const char *asked, *cas;
        enum cb_code code;
    } rows[] = {
        { NULL, NULL, CB_E_NONE },
        { NULL, "clientAuth", CB_E_NONE },
        { NULL, "serverAuth", CB_E_CERT_PURPOSE },
        { "serverAuth", NULL, CB_E_NONE },
        { "serverAuth", "serverAuth", CB_E_NONE },
        { "serverAuth", "emailProtection", CB_E_CERT_EKU },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct pki_cert *sub = pki_issue(
            &(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca, .eku = rows[i].cas });
        struct pki_cert *leaf =
            pki_issue(&(struct pki_spec){ .issuer = sub, .eku = "serverAuth,clientAuth" });
        const struct cb_trust_options o = { .depth = 1,
                                            .extended_key_usage = &rows[i].asked,
                                            .extended_key_usage_count = rows[i].asked != NULL };
        struct cb_trust *t = trust_of(o, ca, NULL);
        cr_expect_eq(check(t, leaf, (const struct pki_cert *const *)&sub, 1), rows[i].code, "row %zu", i);
        cb_trust_free(t);
        pki_free(leaf);
        pki_free(sub);
    }
}

#define ALGORITHMS(...)                                                                                      \
    {                                                                                                        \
        .signature_algorithms = (const char *const[]){ __VA_ARGS__ },                                        \
        .signature_algorithm_count = sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)           \
    }

Test(trust_options, signature_algorithms)
{
    const struct row rows[] = {
        { "listed", ALGORITHMS("ecdsa-with-SHA256"), { .digest = "SHA256" }, CB_E_NONE },
        { "one of two",
          ALGORITHMS("sha256WithRSAEncryption", "ecdsa-with-SHA384"),
          { .digest = "SHA384" },
          CB_E_NONE },
        { "not listed", ALGORITHMS("ecdsa-with-SHA384"), { .digest = "SHA256" }, CB_E_CERT_ALGORITHM },
        { "listed, but weak", ALGORITHMS("ecdsa-with-SHA1"), { .digest = "SHA1" }, CB_E_CERT_WEAK },
        { "SHA-224", { .depth = 0 }, { .digest = "SHA224" }, CB_E_CERT_WEAK },
        { "SHA-512", { .depth = 0 }, { .digest = "SHA512" }, CB_E_NONE },
    };
    check_rows(rows, CB_COUNT(rows));
}

/* RSASSA-PSS says its digest in its parameters; an anchor's own signature is nobody's business. */
Test(trust_options, signature_algorithms_of_a_chain)
{
    struct pki_cert *root = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .key = "ED25519" });
    struct pki_cert *sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca });
    struct pki_cert *of_root = pki_issue(&(struct pki_spec){ .issuer = root });
    struct pki_cert *of_sub = pki_issue(&(struct pki_spec){ .issuer = sub, .digest = "SHA384" });
    struct cb_trust *t = trust_of((struct cb_trust_options)ALGORITHMS("ED25519"), root, NULL);
    cr_expect_eq(check(t, of_root, NULL, 0), CB_E_NONE);
    cb_trust_free(t);
    struct cb_trust_options o = ALGORITHMS("ecdsa-with-SHA384");
    o.depth = 1;
    t = trust_of(o, sub, NULL);
    cr_expect_eq(check(t, of_sub, NULL, 0), CB_E_NONE, "the anchor has SHA-256");
    cb_trust_free(t);
    t = trust_of(o, ca, NULL);
    cr_expect_eq(check(t, of_sub, (const struct pki_cert *const *)&sub, 1), CB_E_CERT_ALGORITHM);
    cb_trust_free(t);
    pki_free(of_sub);
    pki_free(of_root);
    pki_free(sub);
    pki_free(root);
}

Test(trust_options, refuses_words_that_nobody_knows)
{
    const struct cb_trust_options bad[] = {
        USAGES("clientauth"),        USAGES("1.2.3.x"),   ALGORITHMS("SHA256"),
        ALGORITHMS("rsaEncryption"), ALGORITHMS("ES256"), ALGORITHMS(""),
    };
    char *pem = pki_pem((const struct pki_cert *const *)&ca, 1);
    const struct cb_pem_text text = { "a.pem", cb_str_of(pem) };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        struct cb_trust_options o = bad[i];
        struct cb_trust *t = NULL;
        struct cb_err err = { 0 };
        o.anchors = &text;
        o.anchor_count = 1;
        cr_expect(CB_FAILED(cb_trust_new(&o, &t, &err)), "row %zu", i);
        cr_expect_eq(err.code, CB_E_CONFIG);
    }
    free(pem);
}

/* The anchor, and as many CAs below it as a chain may have. */
Test(trust_options, depth)
{
    enum { CAS = CB_LIMIT_CHAIN };
    static char names[CAS][16];
    struct pki_cert *cas[CAS] = { ca };
    for (int i = 1; i < CAS; i++) {
        (void)snprintf(names[i], sizeof names[i], "CA %d", i);
        const struct pki_value name[] = { { .type = "CN", .value = names[i] }, { .type = NULL } };
        cas[i] = pki_issue(&(struct pki_spec){ .subject = name, .ca = true, .issuer = cas[i - 1] });
    }
    for (int between = 0; between < CAS; between++) {
        struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = cas[between] });
        const struct pki_cert *const *above = (const struct pki_cert *const *)&cas[1];
        struct cb_trust *t = trust_of((struct cb_trust_options){ .depth = between }, ca, NULL);
        cr_expect_eq(check(t, leaf, above, (size_t)between), CB_E_NONE, "%d", between);
        cb_trust_free(t);
        if (between > 0) {
            t = trust_of((struct cb_trust_options){ .depth = between - 1 }, ca, NULL);
            cr_expect_eq(check(t, leaf, above, (size_t)between), CB_E_CERT_CHAIN_LENGTH, "%d", between);
            cb_trust_free(t);
        }
        pki_free(leaf);
    }
    for (int i = 1; i < CAS; i++) {
        pki_free(cas[i]);
    }
}

Test(trust_options, only_configured_intermediates)
{
    const struct pki_spec spec = { .subject = sub_name, .ca = true, .issuer = ca };
    struct pki_cert *sub = pki_issue(&spec), *other = pki_issue(&spec);
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
    struct pki_cert *of_other = pki_issue(&(struct pki_spec){ .issuer = other });
    struct pki_cert *of_root = pki_issue(&(struct pki_spec){ .issuer = ca });
    struct cb_trust *t = trust_of((struct cb_trust_options){ .depth = 1 }, ca, sub);
    cr_expect_eq(cb_trust_intermediate_count(t), 1);
    cr_expect_eq(check(t, leaf, NULL, 0), CB_E_NONE, "it need not be sent");
    cr_expect_eq(check(t, leaf, (const struct pki_cert *const *)&sub, 1), CB_E_NONE);
    cr_expect_eq(check(t, leaf, (const struct pki_cert *const *)&other, 1), CB_E_NONE);
    cr_expect_eq(check(t, of_other, (const struct pki_cert *const *)&other, 1), CB_E_CERT_ISSUER_NOT_ALLOWED);
    cr_expect_eq(check(t, of_other, NULL, 0), CB_E_CERT_ISSUER_NOT_ALLOWED);
    cr_expect_eq(check(t, of_root, NULL, 0), CB_E_NONE);
    cb_trust_free(t);
    t = trust_of((struct cb_trust_options){ .depth = 0 }, ca, sub);
    cr_expect_eq(check(t, leaf, NULL, 0), CB_E_CERT_CHAIN_LENGTH);
    cb_trust_free(t);
    pki_free(of_root);
    pki_free(of_other);
    pki_free(leaf);
    pki_free(other);
    pki_free(sub);
}
