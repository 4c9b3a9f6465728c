#include "partner/match.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "testlib/pki.h"

static struct cb_arena arena;

static void setup(void)
{
    cb_arena_init(&arena, CB_MIB);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(match, .init = setup, .fini = teardown);

static const struct pki_value acme[] = { { .type = "C", .value = "GB" },
                                         { .type = "O", .value = "Acme, Ltd's" },
                                         { .type = "CN", .value = "api" },
                                         { .type = NULL } };
static const struct pki_value nobody[] = { { .type = NULL } };
#define SANS "DNS:b.example,DNS:c.example,URI:spiffe://x/y,IP:192.0.2.1,IP:2001:db8::1,email:a@b.example"

static struct cb_cert cert_of(const struct pki_value *subject, const char *san)
{
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = subject, .san = san });
    struct cb_cert cert = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, NULL)));
    pki_free(c);
    return cert;
}

static struct cb_client client_of(enum cb_subject_kind kind, const char *subject)
{
    return (struct cb_client){ .method = CB_AUTH_TLS_CLIENT,
                               .subject_kind = kind,
                               .subject = cb_str_of(subject) };
}

/* What differs stands in the refusal's detail, in the explanation, and in nothing else. */
static const struct {
    enum cb_subject_kind kind;
    const char *registered, *differs; /* NULL: nothing does */
} rows[] = {
    { CB_SUBJECT_DN, "CN=api,O=Acme\\, Ltd's,C=GB", NULL },
    { CB_SUBJECT_DN, "CN=api,O=Acme\\, Ltd,C=DE",
      "RDN 2: registered O=Acme\\, Ltd, certificate O=Acme\\, Ltd's; RDN 3: registered C=DE, certificate "
      "C=GB" },
    { CB_SUBJECT_DN, "CN=api,C=GB", "RDN 2: certificate O=Acme\\, Ltd's, not registered" },
    { CB_SUBJECT_SAN_DNS, "C.example", NULL },
    { CB_SUBJECT_SAN_DNS, "a.example",
      "registered DNS a.example, the certificate has DNS b.example, c.example" },
    { CB_SUBJECT_SAN_URI, "spiffe://x/y", NULL },
    { CB_SUBJECT_SAN_URI, "spiffe://x/z",
      "registered URI spiffe://x/z, the certificate has URI spiffe://x/y" },
    { CB_SUBJECT_SAN_IP, "192.0.2.1", NULL },
    { CB_SUBJECT_SAN_IP, "192.0.2.2",
      "registered IP 192.0.2.2, the certificate has IP 192.0.2.1, 2001:db8::1" },
    { CB_SUBJECT_SAN_EMAIL, "a@B.example", NULL },
    { CB_SUBJECT_SAN_EMAIL, "c@b.example",
      "registered email c@b.example, the certificate has email a@b.example" },
};

Test(match, says_what_differs)
{
    const struct cb_cert cert = cert_of(acme, SANS);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_client client = client_of(rows[i].kind, rows[i].registered);
        struct cb_str differs = { 0 };
        struct cb_err err = { 0 };
        const cb_status st = cb_client_match(&arena, &client, &cert, &err);
        cr_expect_eq(CB_FAILED(st), rows[i].differs != NULL, "row %zu", i);
        cr_expect_eq(err.code, rows[i].differs == NULL ? CB_E_NONE : CB_E_CERT_SUBJECT_MISMATCH, "row %zu",
                     i);
        cr_expect_str_eq(err.detail, rows[i].differs == NULL ? "" : rows[i].differs);
        cr_assert_not(CB_FAILED(cb_client_explain(&arena, &client, &cert, &differs, NULL)));
        cr_expect(cb_str_is(differs, rows[i].differs == NULL ? "" : rows[i].differs), "row %zu", i);
    }
}

Test(match, says_what_is_not_there)
{
    const struct cb_cert cert = cert_of(nobody, NULL);
    static const struct {
        enum cb_subject_kind kind;
        const char *differs;
    } absent[] = {
        { CB_SUBJECT_DN, "the certificate's subject is empty" },
        { CB_SUBJECT_SAN_URI, "registered URI CN=api, the certificate has no URI" },
        { CB_SUBJECT_NONE, "the certificate's subject is empty" },
    };
    for (size_t i = 0; i < CB_COUNT(absent); i++) {
        const struct cb_client client = client_of(absent[i].kind, "CN=api");
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_client_match(&arena, &client, &cert, &err)));
        cr_expect_eq(err.code, CB_E_CERT_SUBJECT_MISMATCH);
        cr_expect_str_eq(err.detail, absent[i].differs);
    }
}

/* However much there is to say, a refusal stays one. */
Test(match, long_explanations_are_cut)
{
    char sans[4096] = "";
    size_t n = 0;
    for (int i = 0; i < 100; i++) {
        n += (size_t)snprintf(sans + n, sizeof sans - n, "%sURI:https://partner.example/%d", i > 0 ? "," : "",
                              i);
    }
    const struct cb_cert cert = cert_of(acme, sans);
    const struct cb_client client = client_of(CB_SUBJECT_SAN_URI, "https://partner.example/x");
    struct cb_err err = { 0 };
    struct cb_str differs = { 0 };
    cr_expect(CB_FAILED(cb_client_match(&arena, &client, &cert, &err)));
    cr_expect_eq(err.code, CB_E_CERT_SUBJECT_MISMATCH);
    cr_expect(strlen(err.detail) > 150 && strlen(err.detail) <= 200, "%s", err.detail);
    cr_assert_not(CB_FAILED(cb_client_explain(&arena, &client, &cert, &differs, NULL)));
    cr_expect(differs.n > 2000);
}

Test(match, self_signed_clients_have_certificates_and_no_subject)
{
    const struct cb_cert cert = cert_of(acme, NULL), other = cert_of(acme, NULL);
    const struct cb_client client = { .method = CB_AUTH_SELF_SIGNED_TLS_CLIENT,
                                      .certificates = &cert.x5t,
                                      .certificate_count = 1 };
    struct cb_err err = { 0 };
    cr_expect_not(CB_FAILED(cb_client_match(&arena, &client, &cert, NULL)));
    cr_expect(CB_FAILED(cb_client_match(&arena, &client, &other, &err)));
    cr_expect_eq(err.code, CB_E_CERT_NOT_REGISTERED);
    cr_expect_str_eq(err.detail, "none of the client's 1 registered certificates was presented");
}

Test(match, tells_what_to_register)
{
    const struct cb_cert both = cert_of(acme, SANS), nameless = cert_of(nobody, "URI:spiffe://x/y"),
                         none = cert_of(nobody, NULL);
    const struct {
        const struct cb_cert *cert;
        enum cb_subject_kind preferred;
        const char *option;
    } options[] = {
        { &both, CB_SUBJECT_DN, "--tls-client-auth-subject-dn 'CN=api,O=Acme\\, Ltd'\\''s,C=GB'" },
        { &both, CB_SUBJECT_NONE, "--tls-client-auth-subject-dn 'CN=api,O=Acme\\, Ltd'\\''s,C=GB'" },
        { &both, CB_SUBJECT_SAN_DNS, "--tls-client-auth-san-dns 'b.example'" },
        { &both, CB_SUBJECT_SAN_IP, "--tls-client-auth-san-ip '192.0.2.1'" },
        { &nameless, CB_SUBJECT_DN, "--tls-client-auth-san-uri 'spiffe://x/y'" },
        { &nameless, CB_SUBJECT_SAN_DNS, "--tls-client-auth-san-uri 'spiffe://x/y'" },
        { &none, CB_SUBJECT_DN, "" },
    };
    for (size_t i = 0; i < CB_COUNT(options); i++) {
        struct cb_subject subject = { .kind = CB_SUBJECT__MAX };
        char memory[256];
        struct cb_buf text;
        cb_buf_over(&text, memory, sizeof memory);
        cr_assert_not(
            CB_FAILED(cb_subject_of_cert(&arena, options[i].cert, options[i].preferred, &subject, NULL)));
        cb_subject_print_option(&subject, &text);
        cr_expect(cb_str_is(cb_buf_str(&text), options[i].option), "row %zu: " CB_STR_FMT, i,
                  CB_STR_ARG(cb_buf_str(&text)));
    }
}
