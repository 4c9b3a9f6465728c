#include <criterion/criterion.h>

#include "base/limits.h"
#include "cert/cert.h"
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

TestSuite(san, .init = setup, .fini = teardown);

Test(san, matches_any_of_the_kind_and_nothing_else)
{
    struct pki_cert *c = pki_issue(&(struct pki_spec){
        .san = "DNS:a.example,DNS:B.Example,DNS:*.wild.example,URI:spiffe://x/y,IP:192.0.2.1,IP:2001:db8::1,"
               "email:Ops@Bank.Example" });
    struct cb_cert cert = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, NULL)));
    static const struct {
        enum cb_san_kind kind;
        const char *value;
        bool has;
    } rows[] = {
        { CB_SAN_DNS, "a.example", true },
        { CB_SAN_DNS, "A.EXAMPLE", true },
        { CB_SAN_DNS, "b.example", true },
        { CB_SAN_DNS, "c.example", false },
        { CB_SAN_DNS, "x.a.example", false },
        { CB_SAN_DNS, "host.wild.example", false },
        { CB_SAN_DNS, "spiffe://x/y", false },
        { CB_SAN_DNS, "", false },
        { CB_SAN_URI, "spiffe://x/y", true },
        { CB_SAN_URI, "spiffe://X/y", false },
        { CB_SAN_URI, "spiffe://x/y/", false },
        { CB_SAN_URI, "a.example", false },
        { CB_SAN_IP, "192.0.2.1", true },
        { CB_SAN_IP, "192.0.2.2", false },
        { CB_SAN_IP, "2001:db8::1", true },
        { CB_SAN_IP, "2001:DB8:0:0:0:0:0:1", true },
        { CB_SAN_IP, "2001:db8::2", false },
        { CB_SAN_IP, "::ffff:192.0.2.1", false },
        { CB_SAN_IP, "not an address", false },
        { CB_SAN_EMAIL, "Ops@bank.example", true },
        { CB_SAN_EMAIL, "ops@Bank.Example", false },
        { CB_SAN_EMAIL, "bank.example", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_expect_eq(cb_cert_has_san(&cert, rows[i].kind, cb_str_of(rows[i].value)), rows[i].has, "%s",
                     rows[i].value);
    }
    struct cb_buf b;
    cb_buf_init(&b, 1024);
    cb_cert_print_sans(&cert, &b);
    cr_expect(cb_str_is(cb_buf_str(&b), "DNS:a.example, DNS:B.Example, DNS:*.wild.example, URI:spiffe://x/y, "
                                        "IP:192.0.2.1, IP:2001:db8::1, email:Ops@Bank.Example"),
              CB_STR_FMT, CB_STR_ARG(cb_buf_str(&b)));
    cb_buf_done(&b);
    pki_free(c);
}

Test(san, refuses_forbidden_bytes)
{
    static const struct cb_str raw[] = {
        CB_STR("\x30\x07\x82\x05"
               "ab\0cd"), /* NUL in a DNS name */
        CB_STR("\x30\x05\x86\x03"
               "a\0b"), /* NUL in a URI */
        CB_STR("\x30\x05\x81\x03"
               "a\xffz"), /* not IA5 in a mailbox */
        CB_STR("\x30\x05\x82\x03"
               "a b"),                          /* a space */
        CB_STR("\x30\x02\x82\x00"),             /* an empty DNS name */
        CB_STR("\x30\x05\x87\x03\x01\x02\x03"), /* an IP of three octets */
        CB_STR("\x30\x05\x82\x04\x61\x62\x63"), /* a length that runs out */
    };
    for (size_t i = 0; i < CB_COUNT(raw); i++) {
        const struct pki_extension more[] = { { "2.5.29.17", raw[i], false }, { .oid = NULL } };
        struct pki_cert *c = pki_issue(&(struct pki_spec){ .more = more });
        struct cb_cert cert = { 0 };
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, &err)), "row %zu", i);
        cr_expect_eq(err.code, CB_E_CERT_MALFORMED, "row %zu", i);
        pki_free(c);
    }
}

Test(san, refuses_the_extension_twice)
{
    static const struct pki_extension more[] = { { "2.5.29.17",
                                                   CB_STR("\x30\x03\x82\x01"
                                                          "b"),
                                                   false },
                                                 { .oid = NULL } };
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .san = "DNS:a.example", .more = more });
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, &err)));
    cr_expect_eq(err.code, CB_E_CERT_MALFORMED);
    pki_free(c);
}

Test(san, normalises_what_is_registered)
{
    static const struct {
        enum cb_san_kind kind;
        const char *text, *normal; /* NULL: refused */
    } rows[] = {
        { CB_SAN_DNS, "A.Example", "a.example" },
        { CB_SAN_DNS, "*.example", NULL },
        { CB_SAN_DNS, "a..example", NULL },
        { CB_SAN_DNS, "a.example.", NULL },
        { CB_SAN_DNS, "a b", NULL },
        { CB_SAN_DNS, "m\xc3\xbc.example", NULL },
        { CB_SAN_DNS, "", NULL },
        { CB_SAN_URI, "spiffe://X/y", "spiffe://X/y" },
        { CB_SAN_URI, "spiffe", NULL },
        { CB_SAN_URI, ":x", NULL },
        { CB_SAN_URI, "x:", NULL },
        { CB_SAN_URI, "spiffe://*/y", NULL },
        { CB_SAN_URI, "spiffe://x/ y", NULL },
        { CB_SAN_IP, "192.0.2.1", "192.0.2.1" },
        { CB_SAN_IP, "2001:DB8:0:0::1", "2001:db8::1" },
        { CB_SAN_IP, "192.0.2.0/24", NULL },
        { CB_SAN_IP, "192.0.2", NULL },
        { CB_SAN_IP, "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000", NULL },
        { CB_SAN_EMAIL, "Ops@Bank.Example", "Ops@bank.example" },
        { CB_SAN_EMAIL, "@bank.example", NULL },
        { CB_SAN_EMAIL, "ops", NULL },
        { CB_SAN_EMAIL, "ops@*", NULL },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_str out = { 0 };
        struct cb_err err = { 0 };
        (void)cb_san_normalise(&arena, rows[i].kind, cb_str_of(rows[i].text), &out, &err).v_;
        cr_expect_eq(err.code, rows[i].normal == NULL ? CB_E_REGISTRATION : CB_E_NONE, "%s", rows[i].text);
        cr_expect(rows[i].normal == NULL || cb_str_is(out, rows[i].normal), "%s", rows[i].text);
    }
    struct cb_str none = { 0 };
    cr_expect(CB_FAILED(cb_san_normalise(&arena, CB_SAN_IP, CB_STR("192.0.2.1\0x"), &none, NULL)));
    cr_expect(CB_FAILED(cb_san_normalise(&arena, CB_SAN_DNS, CB_STR("a\0.example"), &none, NULL)));
    cr_expect(CB_FAILED(cb_san_normalise(&arena, CB_SAN_EMAIL, CB_STR("a\0@b"), &none, NULL)));
    char longest[CB_LIMIT_SAN + 1];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "urn:", 4);
    struct cb_str out = { 0 };
    cr_expect_not(CB_FAILED(
        cb_san_normalise(&arena, CB_SAN_URI, (struct cb_str){ longest, CB_LIMIT_SAN }, &out, NULL)));
    cr_expect(CB_FAILED(
        cb_san_normalise(&arena, CB_SAN_URI, (struct cb_str){ longest, CB_LIMIT_SAN + 1 }, &out, NULL)));
}
