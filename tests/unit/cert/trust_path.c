/* How a chain led to its anchor, and the CAs that a group holds. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "cert/trust.h"
#include "testlib/pki.h"

static struct cb_arena arena;
static struct pki_cert *ca, *sub, *leaf;
static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value sub_name[] = { { .type = "CN", .value = "Bank Sub CA" }, { .type = NULL } };

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca });
    leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
}

static void teardown(void)
{
    pki_free(leaf);
    pki_free(sub);
    pki_free(ca);
    cb_arena_done(&arena);
}

TestSuite(trust_path, .init = setup, .fini = teardown);

static cb_status new_trust(const struct cb_pem_text *texts, size_t count, struct cb_trust **out,
                           struct cb_err *err)
{
    const struct cb_trust_options o = { .anchors = texts, .anchor_count = count, .depth = 7 };
    return cb_trust_new(&o, out, err);
}

static struct cb_trust *trust_of(const struct pki_cert *const *anchors, size_t count)
{
    struct cb_trust *t = NULL;
    struct cb_err err = { 0 };
    char *pem = pki_pem(anchors, count);
    cr_assert_not(CB_FAILED(new_trust(&(struct cb_pem_text){ NULL, cb_str_of(pem) }, 1, &t, &err)), "%s",
                  err.detail);
    free(pem);
    return t;
}

static struct cb_trust_path *path_of(const struct cb_trust *t, const struct pki_cert *of,
                                     const struct pki_cert *above)
{
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    struct cb_trust_path *path = NULL;
    const struct cb_str chain = above == NULL ? (struct cb_str){ 0 } : pki_der(above);
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(of), &cert, &err)), "%s", err.detail);
    cr_assert_not(CB_FAILED(cb_trust_check(t, &cert, &chain, above != NULL, PKI_NOW, &path, &err)), "%s",
                  err.detail);
    return path;
}

/* What OpenSSL makes of a certificate's SubjectPublicKeyInfo and serial number. */
static struct cb_key_hash key_of(const struct pki_cert *c)
{
    struct cb_key_hash k = { 0 };
    unsigned char *der = NULL;
    const int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c->x509), &der);
    cr_assert(n > 0 && EVP_Digest(der, (size_t)n, k.b, NULL, EVP_sha256(), NULL) == 1);
    OPENSSL_free(der);
    return k;
}

static bool is_serial_of(struct cb_str serial, const struct pki_cert *c)
{
    unsigned char *der = NULL;
    const int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(c->x509), &der);
    cr_assert(n > 2 && der[1] < 0x80);
    const bool same = cb_str_eq(serial, (struct cb_str){ (const char *)der + 2, (size_t)n - 2 });
    OPENSSL_free(der);
    return same;
}

static void expect_path(const struct cb_trust_path *p)
{
    const struct cb_key_hash of_sub = key_of(sub), of_ca = key_of(ca);
    cr_assert_eq(p->count, 2);
    cr_expect(is_serial_of(p->links[0].serial, leaf));
    cr_expect(is_serial_of(p->links[1].serial, sub));
    cr_expect(cb_key_hash_eq(&p->links[0].issuer->key, &of_sub));
    cr_expect(cb_key_hash_eq(&p->links[1].issuer->key, &of_ca));
    cr_expect(cb_str_eq(p->links[0].issuer->der, pki_der(sub)));
    cr_expect(cb_str_eq(p->links[1].issuer->der, pki_der(ca)));
}

Test(trust_path, names_each_certificate_by_serial_and_key_of_its_issuer)
{
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca }, 1);
    struct cb_trust_path *first = path_of(t, leaf, sub), *remembered = path_of(t, leaf, sub);
    expect_path(first);
    cr_expect_eq(first, remembered, "the second is not made again");
    cr_expect_eq(first->links[1].issuer, cb_trust_anchor_at(t, 0), "a configured CA is shared");
    cb_trust_path_unref(remembered);
    cb_trust_free(t);
    expect_path(first); /* outlives its group */
    cb_trust_path_unref(first);
}

Test(trust_path, of_a_configured_intermediate)
{
    char *anchors = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    char *intermediates = pki_pem((const struct pki_cert *const[]){ sub }, 1);
    const struct cb_pem_text a = { NULL, cb_str_of(anchors) }, i = { NULL, cb_str_of(intermediates) };
    struct cb_trust *t = NULL;
    cr_assert_not(CB_FAILED(cb_trust_new(
        &(struct cb_trust_options){
            .anchors = &a, .anchor_count = 1, .intermediates = &i, .intermediate_count = 1, .depth = 1 },
        &t, NULL)));
    struct cb_trust_path *p = path_of(t, leaf, NULL);
    expect_path(p);
    cr_expect_eq(p->links[0].issuer, cb_trust_intermediate_at(t, 0));
    cb_trust_path_unref(p);
    cb_trust_free(t);
    free(anchors);
    free(intermediates);
}

/* Two CAs of one name: the path says which of them it was. */
Test(trust_path, tells_cas_of_one_name_apart)
{
    struct pki_cert *twin =
        pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .no_key_ids = true });
    struct pki_cert *of_twin = pki_issue(&(struct pki_spec){ .issuer = twin, .no_key_ids = true });
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca, twin }, 2);
    const struct cb_key_hash key = key_of(twin);
    struct cb_trust_path *p = path_of(t, of_twin, NULL);
    cr_assert_eq(p->count, 1);
    cr_expect(cb_key_hash_eq(&p->links[0].issuer->key, &key));
    cb_trust_path_unref(p);
    cb_trust_free(t);
    pki_free(of_twin);
    pki_free(twin);
}

Test(trust_path, finds_a_ca_by_its_key)
{
    struct cb_trust *t = trust_of((const struct pki_cert *const[]){ ca, sub }, 2);
    const struct cb_key_hash of_sub = key_of(sub), of_leaf = key_of(leaf);
    const struct cb_authority *found = cb_trust_find(t, &of_sub);
    cr_assert_not_null(found);
    cr_expect(cb_str_eq(found->der, pki_der(sub)));
    cr_expect_null(cb_trust_find(t, &of_leaf));
    cb_trust_free(t);
}

Test(trust_path, key_hashes_read_as_they_print)
{
    struct cb_key_hash k = key_of(ca), back = { 0 };
    char text[CB_KEY_HASH_TEXT];
    cb_key_hash_text(&k, text);
    cr_assert_not(CB_FAILED(cb_key_hash_read(cb_str_of(text), &back, NULL)));
    cr_expect(cb_key_hash_eq(&k, &back));
    const struct cb_str bad[] = { { text, CB_KEY_HASH_TEXT - 2 },
                                  { text, CB_KEY_HASH_TEXT },
                                  CB_STR(""),
                                  CB_STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=") };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_key_hash_read(bad[i], &back, &err)));
        cr_expect_eq(err.code, CB_E_BASE64URL, "row %zu", i);
    }
}

Test(trust_path, holds_each_ca_once_and_in_order_of_names)
{
    char *one = pki_pem((const struct pki_cert *const[]){ sub, ca }, 2);
    char *two = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    const struct cb_pem_text texts[] = { { "one.pem", cb_str_of(one) }, { "two.pem", cb_str_of(two) } };
    struct cb_trust *t = NULL;
    cr_assert_not(CB_FAILED(new_trust(texts, 2, &t, NULL)));
    cr_assert_eq(cb_trust_anchor_count(t), 2);
    cr_expect_eq(cb_trust_intermediate_count(t), 0);
    cr_expect(!cb_x5t_eq(&cb_trust_anchor_at(t, 0)->x5t, &cb_trust_anchor_at(t, 1)->x5t));
    cr_expect_eq(cb_trust_anchor_at(t, 0)->not_after, PKI_NOW + 365LL * 86400);
    cb_trust_free(t);
    free(one);
    free(two);
}

Test(trust_path, refuses_what_is_no_ca_by_name)
{
    char *good = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    char *bad = pki_pem((const struct pki_cert *const[]){ ca, leaf }, 2);
    const struct {
        struct cb_pem_text second;
        const char *detail;
    } rows[] = {
        { { "b.pem", cb_str_of(bad) }, "b.pem: certificate 2 is not a CA certificate" },
        { { "b.pem", CB_STR("") }, "b.pem holds no certificate in PEM" },
        { { "b.pem", CB_STR("no PEM") }, "b.pem holds no certificate in PEM" },
        { { "b.pem", CB_STR("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n") },
          "b.pem: certificate 1 does not decode" },
        { { "b.pem", CB_STR("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n") },
          "b.pem: PEM block 1 does not decode" },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_pem_text texts[] = { { "a.pem", cb_str_of(good) }, rows[i].second };
        struct cb_trust *t = NULL;
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(new_trust(texts, 2, &t, &err)));
        cr_expect_eq(err.code, CB_E_CONFIG);
        cr_expect_str_eq(err.detail, rows[i].detail);
    }
    struct cb_trust *t = NULL;
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(new_trust(NULL, 0, &t, &err)));
    cr_expect_eq(err.code, CB_E_CONFIG);
    free(good);
    free(bad);
}
