#include "cert/cert.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "testlib/pki.h"

static struct cb_arena arena;

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(cert, .init = setup, .fini = teardown);

/* RFC 8705 appendix A. */
static const char rfc8705_pem[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx\n"
                                  "ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG\n"
                                  "SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ\n"
                                  "/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID\n"
                                  "SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV\n"
                                  "bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=\n"
                                  "-----END CERTIFICATE-----\n";

Test(cert, thumbprint_is_that_of_rfc8705_appendix_a)
{
    struct cb_str *ders = NULL;
    size_t count = 0;
    struct cb_cert c = { 0 };
    char text[CB_X5T_TEXT];
    cr_assert_not(CB_FAILED(cb_cert_pem_bundle(&arena, cb_str_of(rfc8705_pem), &ders, &count, NULL)));
    cr_assert_eq(count, 1);
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, ders[0], &c, NULL)));
    cb_x5t_text(&c.x5t, text);
    cr_assert_str_eq(text, "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
    cr_assert(cb_str_eq(c.serial, CB_STR("\x02")));
    cr_assert_eq(c.not_before, 1539866229);
    cr_assert_eq(c.not_after, 1651495029);
}

static enum cb_code parse(struct cb_str der)
{
    struct cb_cert c = { 0 };
    struct cb_err err = { 0 };
    const cb_status st = cb_cert_parse(&arena, der, &c, &err);
    cr_expect_eq(CB_FAILED(st), c.der.p == NULL);
    return err.code;
}

Test(cert, is_exactly_one_der)
{
    struct pki_cert *c = pki_issue(&(struct pki_spec){ 0 });
    char copy[4096] = { 0 };
    const size_t n = pki_der(c).n;
    memcpy(copy, pki_der(c).p, n);
    cr_expect_eq(parse((struct cb_str){ copy, n }), CB_E_NONE);
    cr_expect_eq(parse((struct cb_str){ copy, n + 1 }), CB_E_CERT_MALFORMED);
    cr_expect_eq(parse((struct cb_str){ copy, n - 1 }), CB_E_CERT_MALFORMED);
    cr_expect_eq(parse((struct cb_str){ copy, 0 }), CB_E_CERT_MALFORMED);
    cr_expect_eq(parse(cb_str_of(rfc8705_pem)), CB_E_CERT_MALFORMED);
    pki_free(c);
}

/* Every byte that carries structure, changed by one: it is refused, or means what OpenSSL says it means. */
Test(cert, reads_as_openssl_does)
{
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .san = "DNS:a.example,URI:urn:x" });
    unsigned char *der = c->der;
    size_t both = 0;
    for (int i = 0; i < c->der_n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct cb_arena a;
            struct cb_cert ours = { 0 };
            cb_arena_init(&a, 1 << 16);
            der[i] ^= (unsigned char)(1 << bit);
            const unsigned char *p = der;
            X509 *theirs = d2i_X509(NULL, &p, c->der_n);
            if (!CB_FAILED(cb_cert_parse(&a, pki_der(c), &ours, NULL)) && theirs != NULL) {
                const unsigned char *name = NULL;
                size_t n = 0;
                const struct cb_name *subject = NULL;
                cr_assert_eq(X509_NAME_get0_der(X509_get_subject_name(theirs), &name, &n), 1);
                cr_assert_not(CB_FAILED(
                    cb_name_from_der(&a, (struct cb_str){ (const char *)name, n }, &subject, NULL)));
                cr_expect(cb_name_eq(subject, ours.subject), "byte %d bit %d", i, bit);
                both++;
            }
            X509_free(theirs);
            cb_arena_done(&a);
            der[i] ^= (unsigned char)(1 << bit);
        }
    }
    cr_expect_gt(both, 1000);
    pki_free(c);
}

Test(cert, refuses_a_broken_outline)
{
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .san = "DNS:a.example" });
    static const struct {
        const char *what;
        struct cb_str from, to;
    } rows[] = {
        { "no version", CB_STR("\xa0\x03\x02\x01\x02"), CB_STR("\xa1\x03\x02\x01\x02") },
        { "a date that is none", CB_STR("Z0"), CB_STR("X0") },
        { "an extension that is no octet string", CB_STR("\x55\x1d\x11\x04"), CB_STR("\x55\x1d\x11\x03") },
        { "SANs that stop short", CB_STR("\x04\x0d\x30\x0b\x82\x09"), CB_STR("\x04\x0d\x30\x0b\x82\x08") },
        { "something behind the SANs", CB_STR("\x04\x0d\x30\x0b\x82\x09"),
          CB_STR("\x04\x0d\x30\x09\x82\x07") },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        char copy[2048];
        const size_t n = pki_der(c).n;
        memcpy(copy, pki_der(c).p, n);
        char *at = memmem(copy, n, rows[i].from.p, rows[i].from.n);
        cr_assert_not_null(at, "%s", rows[i].what);
        memcpy(at, rows[i].to.p, rows[i].to.n);
        cr_expect_eq(parse((struct cb_str){ copy, n }), CB_E_CERT_MALFORMED, "%s", rows[i].what);
    }
    pki_free(c);
}

Test(cert, has_a_bounded_size)
{
    static char filler[60 * 1024];
    memset(filler, 'a', sizeof filler);
    const struct pki_value big[] = { { .type = "O", .value = filler, .n = sizeof filler }, { .type = NULL } };
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = big });
    cr_expect_eq(parse(pki_der(c)), CB_E_CERT_MALFORMED);
    pki_free(c);
    const struct pki_value fits[] = { { .type = "O", .value = filler, .n = 15 * 1024 }, { .type = NULL } };
    c = pki_issue(&(struct pki_spec){ .subject = fits, .no_key_ids = true, .issuer = NULL });
    cr_expect(pki_der(c).n > CB_LIMIT_CERTIFICATE, "subject and issuer");
    cr_expect_eq(parse(pki_der(c)), CB_E_CERT_MALFORMED);
    pki_free(c);
}

Test(cert, may_have_no_subject)
{
    static const struct pki_value none[] = { { .type = NULL } };
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = none, .san = "DNS:a.example" });
    struct cb_cert cert = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, NULL)));
    cr_assert_null(cert.subject);
    pki_free(c);
}

Test(cert, pem_takes_bundles_with_text_around_and_refuses_broken_blocks)
{
    struct cb_str *ders = NULL;
    size_t count = 0;
    char two[4096], broken[4096];
    (void)snprintf(two, sizeof two, "# the first\n%s\nand another\n%s", rfc8705_pem, rfc8705_pem);
    cr_expect_not(CB_FAILED(cb_cert_pem_bundle(&arena, cb_str_of(two), &ders, &count, NULL)));
    cr_expect_eq(count, 2);
    cr_expect_not(CB_FAILED(cb_cert_pem_bundle(&arena, CB_STR("nothing"), &ders, &count, NULL)));
    cr_expect_eq(count, 0);

    (void)snprintf(broken, sizeof broken, "%s%s", rfc8705_pem, rfc8705_pem);
    broken[strlen(rfc8705_pem) + 60] = '!';
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_cert_pem_bundle(&arena, cb_str_of(broken), &ders, &count, &err)));
    cr_expect_eq(err.code, CB_E_CERT_MALFORMED);
    cr_expect_not_null(strstr(err.detail, "block 2"));
}

Test(cert, pem_says_which_kinds_of_block_it_takes)
{
    static const struct {
        const char *label;
        enum cb_code code;
        size_t count;
    } rows[] = {
        { "CERTIFICATE", CB_E_NONE, 1 },
        { "X509 CERTIFICATE", CB_E_NONE, 1 },
        { "PRIVATE KEY", CB_E_NONE, 0 },
        { "TRUSTED CERTIFICATE", CB_E_CERT_MALFORMED, 9 },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_str *ders = NULL;
        size_t count = 9;
        char pem[256];
        struct cb_err err = { 0 };
        (void)snprintf(pem, sizeof pem, "-----BEGIN %s-----\nMAA=\n-----END %s-----\n", rows[i].label,
                       rows[i].label);
        (void)cb_cert_pem_bundle(&arena, cb_str_of(pem), &ders, &count, &err).v_;
        cr_expect_eq(err.code, rows[i].code, "%s", rows[i].label);
        cr_expect_eq(count, rows[i].count, "%s", rows[i].label);
    }
    struct cb_str *ders = NULL;
    size_t count = 9;
    cr_expect_not(CB_FAILED(cb_cert_pem_bundle(&arena, (struct cb_str){ 0 }, &ders, &count, NULL)));
    cr_expect_eq(count, 0);
}

Test(cert, finds_an_extension_by_its_oid)
{
    static const struct pki_extension more[] = {
        { "1.2.3.4", CB_STR("\x05\x00"), true },
        { "1.2.3.5", CB_STR(""), false },
        { .oid = NULL },
    };
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .more = more });
    struct cb_cert cert = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, NULL)));
    const struct cb_extension *first = cb_cert_extension(&cert, CB_STR("\x2a\x03\x04"));
    const struct cb_extension *second = cb_cert_extension(&cert, CB_STR("\x2a\x03\x05"));
    cr_assert(first != NULL && second != NULL);
    cr_expect(first->critical && cb_str_eq(first->value, CB_STR("\x05\x00")));
    cr_expect(!second->critical && second->value.n == 0);
    cr_expect_null(cb_cert_extension(&cert, CB_STR("\x2a\x03\x06")));
    pki_free(c);
}

Test(cert, refuses_any_extension_that_is_there_twice)
{
    static const struct pki_extension more[] = {
        { "1.2.3.4", CB_STR("\x05\x00"), false },
        { "1.2.3.4", CB_STR("\x05\x00"), false },
        { .oid = NULL },
    };
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .more = more });
    cr_expect_eq(parse(pki_der(c)), CB_E_CERT_MALFORMED);
    pki_free(c);
}

Test(cert, holds_so_many_extensions_and_no_more)
{
    enum { OWN = 4 }; /* basicConstraints, extKeyUsage, the key identifier, and one more below */
    struct pki_extension more[CB_LIMIT_EXTENSIONS] = { { .oid = NULL } };
    char oids[CB_LIMIT_EXTENSIONS][16];
    for (size_t i = 0; i + OWN < CB_LIMIT_EXTENSIONS; i++) {
        (void)snprintf(oids[i], sizeof oids[i], "1.2.4.%zu", i);
        more[i] = (struct pki_extension){ oids[i], CB_STR("\x05\x00"), false };
    }
    struct pki_cert *fits = pki_issue(&(struct pki_spec){ .more = more, .san = "DNS:a" });
    cr_expect_eq(parse(pki_der(fits)), CB_E_NONE);
    struct pki_cert *full =
        pki_issue(&(struct pki_spec){ .more = more, .san = "DNS:a", .key_usage = "digitalSignature" });
    cr_expect_eq(parse(pki_der(full)), CB_E_CERT_MALFORMED);
    pki_free(fits);
    pki_free(full);
}
