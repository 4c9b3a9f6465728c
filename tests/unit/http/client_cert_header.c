#include "http/client_cert_header.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "cert/x5t.h"
#include "testlib/pki.h"

/* Fields are written from patterns: {a} stands for the certificate in base64, {A} for its PEM
 * percent-encoded, {h} for its SHA-256 in hex; b and c are others. {s} is a certificate that the row names as
 * its own bytes. */
enum { CERTS = 3 };
static struct cb_str ders[CERTS];
static struct cb_arena arena;

static void add_base64(struct cb_buf *out, struct cb_str der, size_t line)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;
    for (size_t i = 0; i < der.n; i += 3) {
        const size_t left = der.n - i;
        const unsigned char *b = (const unsigned char *)der.p + i;
        const unsigned v =
            (unsigned)b[0] << 16 | (left > 1 ? (unsigned)b[1] << 8 : 0) | (left > 2 ? b[2] : 0);
        for (size_t k = 0; k < 4; k++) {
            cb_buf_add_char(out, k > left ? '=' : digits[v >> (18 - 6 * k) & 63]);
        }
        column += 4;
        if (line > 0 && (column % line == 0 || left <= 3)) {
            cb_buf_add_char(out, '\n');
        }
    }
}

static void add_escaped(struct cb_buf *out, struct cb_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        const bool plain = strchr("+/=\n ", text.p[i]) == NULL;
        cb_buf_add_fmt(out, plain ? "%c" : "%%%02X", text.p[i]);
    }
}

static void add_pem(struct cb_buf *out, struct cb_str der, size_t line)
{
    struct cb_buf pem;
    cb_buf_init(&pem, 1 << 16);
    cb_buf_add_cstr(&pem, "-----BEGIN CERTIFICATE-----\n");
    add_base64(&pem, der, line);
    cb_buf_add_cstr(&pem, "-----END CERTIFICATE-----\n");
    add_escaped(out, cb_buf_str(&pem));
    cb_buf_done(&pem);
}

static void add_hash(struct cb_buf *out, struct cb_str der)
{
    struct cb_x5t x5t;
    cr_assert(!CB_FAILED(cb_x5t_of(der, &x5t, NULL)));
    for (size_t i = 0; i < sizeof x5t.b; i++) {
        cb_buf_add_fmt(out, "%02x", x5t.b[i]);
    }
}

static struct cb_str concatenated(size_t count)
{
    struct cb_buf all;
    cb_buf_init(&all, 1 << 16);
    for (size_t i = 0; i < count; i++) {
        cb_buf_add_str(&all, ders[1 + i % (CERTS - 1)]);
    }
    const struct cb_str kept = cb_arena_str(&arena, cb_buf_str(&all));
    cb_buf_done(&all);
    return kept;
}

static void add(struct cb_buf *out, char what)
{
    if (what >= 'a' && what < 'a' + CERTS) {
        add_base64(out, ders[what - 'a'], 0);
    } else if (what >= 'A' && what < 'A' + CERTS) {
        add_pem(out, ders[what - 'A'], 64);
    } else if (what >= '1' && what <= '8') {
        add_base64(out, concatenated((size_t)(what - '0')), 0); /* that many in a row */
    } else if (what == 'h') {
        add_hash(out, ders[0]);
    } else if (what == 'i') {
        add_hash(out, ders[1]);
    } else if (what == 'L') {
        add_pem(out, ders[0], 76); /* lines longer than PEM's */
    } else if (what == 'U') {
        struct cb_buf all; /* percent-encoded base64 */
        cb_buf_init(&all, 1 << 16);
        add_base64(&all, ders[0], 0);
        add_escaped(out, cb_buf_str(&all));
        cb_buf_done(&all);
    } else {
        cr_assert_fail("unknown {%c}", what);
    }
}

static struct cb_str field_of(const char *pattern)
{
    struct cb_buf out;
    cb_buf_init(&out, 1 << 20);
    for (const char *p = pattern; p != NULL && *p != '\0'; p++) {
        if (p[0] == '{') {
            add(&out, p[1]);
            p += 2;
        } else {
            cb_buf_add_char(&out, *p);
        }
    }
    cr_assert(!out.failed);
    const struct cb_str kept = cb_arena_str(&arena, cb_buf_str(&out));
    cb_buf_done(&out);
    return kept;
}

static void set_up(void)
{
    static const char *const names[CERTS] = { "a", "b", "c" };
    cb_arena_init(&arena, 1 << 24);
    for (size_t i = 0; i < CERTS; i++) {
        const struct pki_value subject[] = { { .type = "CN", .value = names[i] }, { 0 } };
        struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = subject });
        ders[i] = cb_arena_str(&arena, pki_der(c));
        pki_free(c);
    }
}

static void tear_down(void)
{
    cb_arena_done(&arena);
}

TestSuite(client_cert_header, .init = set_up, .fini = tear_down);

struct row {
    const char *form, *leaf, *chain;
    enum cb_code code;
    const char *presented; /* letters of the certificates */
};

static void check_row(const struct row *row)
{
    const struct cb_cert_header_form *form = cb_cert_header_form(cb_str_of(row->form));
    struct cb_presented p = { .count = 99 };
    struct cb_err err = { 0 };
    cr_assert_not_null(form);
    const bool failed =
        CB_FAILED(cb_cert_header_parse(form, &arena, field_of(row->leaf), field_of(row->chain), &p, &err));
    cr_expect_eq(err.code, row->code, "%s | %s | %s: %s (%s)", row->form, row->leaf,
                 row->chain == NULL ? "" : row->chain, cb_code_reason(err.code), err.detail);
    if (failed || row->presented == NULL) {
        cr_expect_eq(p.count, 99, "%s | %s: written on failure", row->form, row->leaf);
        return;
    }
    cr_expect_eq(p.count, strlen(row->presented), "%s | %s: %zu", row->form, row->leaf, p.count);
    for (size_t i = 0; i < p.count && row->presented[i] != '\0'; i++) {
        cr_expect(cb_str_eq(p.ders[i], ders[row->presented[i] - 'a']), "%s | %s: %zu", row->form, row->leaf,
                  i);
    }
}

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_row(&rows[i]);
    }
}

#define BAD   CB_E_CERT_HEADER_MALFORMED
#define ALONE CB_E_CERT_HEADER_CHAIN_ALONE
#define MANY  CB_E_CERT_MALFORMED

Test(client_cert_header, rfc9440)
{
    static const struct row rows[] = {
        { "rfc9440", ":{a}:", "", 0, "a" },
        { "rfc9440", ":{a}:", ":{b}:", 0, "ab" },
        { "rfc9440", ":{a}:", ":{b}:, :{c}:", 0, "abc" },
        { "rfc9440", ":{a}:", ":{b}:,:{c}:", 0, "abc" },
        { "rfc9440", ":{a}:", ":{b}: \t,\t :{c}:", 0, "abc" },
        { "rfc9440", "", "", 0, "" },
        { "rfc9440", "", ":{b}:", ALONE, NULL },
        { "rfc9440", "{a}", "", BAD, NULL },
        { "rfc9440", ":{a}", "", BAD, NULL },
        { "rfc9440", "{a}:", "", BAD, NULL },
        { "rfc9440", ":", "", BAD, NULL },
        { "rfc9440", "::", "", BAD, NULL },
        { "rfc9440", ":{a}: ", "", BAD, NULL },
        { "rfc9440", ":{a}:x", "", BAD, NULL },
        { "rfc9440", ":{a}:;q=1", "", BAD, NULL },
        { "rfc9440", ":{a}:, :{b}:", "", BAD, NULL },
        { "rfc9440", ": {a}:", "", BAD, NULL },
        { "rfc9440", ":{a}=:", "", BAD, NULL },
        { "rfc9440", ":QUI:", "", BAD, NULL },  /* without its padding */
        { "rfc9440", ":QUJ=:", "", BAD, NULL }, /* unused bits set */
        { "rfc9440", ":QUI=QUI=:", "", BAD, NULL } /* padding within */,
        { "rfc9440", ":QU\nI=:", "", BAD, NULL },
        { "rfc9440", ":QU I=:", "", BAD, NULL },
        { "rfc9440", ":QU-_:", "", BAD, NULL }, /* base64url */
        { "rfc9440", ":{a}:", ":{b}:,", BAD, NULL },
        { "rfc9440", ":{a}:", ",:{b}:", BAD, NULL },
        { "rfc9440", ":{a}:", ":{b}:,,:{c}:", BAD, NULL },
        { "rfc9440", ":{a}:", "::", BAD, NULL },
        { "rfc9440", ":{a}:", ":{b}: :{c}:", BAD, NULL },
        { "rfc9440", ":{a}:", ":{b}:;q=1", BAD, NULL },
        { "rfc9440", ":{a}:", ":{b}:,:{c}:,:{b}:,:{c}:,:{b}:,:{c}:,:{b}:", 0, "abcbcbcb" },
        { "rfc9440", ":{a}:", ":{b}:,:{c}:,:{b}:,:{c}:,:{b}:,:{c}:,:{b}:,:{c}:", MANY, NULL },
    };
    check(rows, CB_COUNT(rows));
}

Test(client_cert_header, nginx)
{
    static const struct row rows[] = {
        { "nginx", "{A}", "", 0, "a" },
        { "nginx", "", "", 0, "" },
        { "nginx", "{A}{B}", "", BAD, NULL },
        { "nginx", "{A}%0A", "", BAD, NULL },
        { "nginx", "{A}%00", "", BAD, NULL },
        { "nginx", "{A}x", "", BAD, NULL },
        { "nginx", "%0A{A}", "", BAD, NULL },
        { "nginx", "x{A}", "", BAD, NULL },
        { "nginx", "{a}", "", BAD, NULL },
        { "nginx", "{L}", "", BAD, NULL },
        { "nginx", "{A}%", "", BAD, NULL },
        { "nginx", "{A}%0", "", BAD, NULL },
        { "nginx", "{A}%0g", "", BAD, NULL },
        { "nginx", "-----BEGIN CERTIFICATE-----%0AQUI%3D%0A-----END CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN+CERTIFICATE-----%0AQUI%3D%0A-----END+CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQUI=%0A-----END%20CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0D%0AQUI%3D%0D%0A-----END%20CERTIFICATE-----", "", BAD,
          NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQU%20I%3D%0A-----END%20CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQUI%0A-----END%20CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQUI%3D-----END%20CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQUI%3D%0AQUI%3D%0A-----END%20CERTIFICATE-----", "", BAD,
          NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0A%0AQUI%3D%0A-----END%20CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQUI%3D%0A", "", BAD, NULL },
        { "nginx", "-----BEGIN%20CERTIFICATE-----%0AQUI%3D", "", BAD, NULL },
        { "nginx", "-----BEGIN%20TRUSTED%20CERTIFICATE-----%0AQUI%3D%0A-----END%20TRUSTED%20CERTIFICATE-----",
          "", BAD, NULL },
    };
    check(rows, CB_COUNT(rows));
}

Test(client_cert_header, haproxy)
{
    static const struct row rows[] = {
        { "haproxy", "{a}", "", 0, "a" },
        { "haproxy", "{a}", "{1}", 0, "ab" },
        { "haproxy", "{a}", "{3}", 0, "abcb" },
        { "haproxy", "", "", 0, "" },
        { "haproxy", "", "{1}", ALONE, NULL },
        { "haproxy", ":{a}:", "", BAD, NULL },
        { "haproxy", "QUI=QUI=", "", BAD, NULL },
        { "haproxy", "{a},{b}", "", BAD, NULL },
        { "haproxy", "{a} ", "", BAD, NULL },
        { "haproxy", "{a}=", "", BAD, NULL },
        { "haproxy", "QUJ=", "", BAD, NULL },
        { "haproxy", "QUI", "", BAD, NULL },
        { "haproxy", "QU\nI=", "", BAD, NULL },
        { "haproxy", "{a}", "QUI=", BAD, NULL },         /* no DER */
        { "haproxy", "{a}", "MIA=", BAD, NULL },         /* its length is missing */
        { "haproxy", "{a}", "MAMCAQA=MAM=", BAD, NULL }, /* padding within */
        { "haproxy", "{a}", "MAMCAQAx", BAD, NULL },     /* a byte behind */
        { "haproxy", "{a}", "{7}", 0, "abcbcbcb" },
        { "haproxy", "{a}", "{8}", MANY, NULL },
    };
    check(rows, CB_COUNT(rows));
}

Test(client_cert_header, envoy)
{
    static const struct row rows[] = {
        { "envoy", "Hash={h};Cert=\"{A}\"", "", 0, "a" },
        { "envoy",
          "By=spiffe://p;Hash={h};Cert=\"{A}\";Subject=\"CN=\\\"a\\\";O=b,c\";URI=spiffe://a;DNS=a;DNS=b", "",
          0, "a" },
        { "envoy", "hash={h};CERT={A}", "", 0, "a" },
        { "envoy", "Hash={h};Chain=\"{A}{B}\"", "", 0, "ab" },
        { "envoy", "Hash={h};Cert=\"{A}\";Chain=\"{A}{B}{C}\"", "", 0, "abc" },
        { "envoy", "", "", 0, "" },
        { "envoy", "Hash={h};Cert=\"{A}\";Chain=\"{B}{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}{B}\"", "", BAD, NULL },
        { "envoy", "Hash={i};Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h}", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}\";Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h};Hash={h};Cert=\"{A}\"", "", BAD, NULL },
        /* What a name in a partner's own certificate could add to Envoy's unquoted URI. */
        { "envoy", "Hash={h};URI=spiffe://x;Cert=\"{B}\"", "", BAD, NULL },
        { "envoy", "Hash={h};URI=spiffe://x,Hash={i};Cert=\"{B}\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}\";URI=spiffe://x,Hash={i};Cert=\"{B}\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}\",Hash={i};Cert=\"{B}\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}\\\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}\"x", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=x\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{A}\";", "", BAD, NULL },
        { "envoy", ";Hash={h};Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h};;Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h}; Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h};x;Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash={h};=;Cert=\"{A}\"", "", BAD, NULL },
        { "envoy", "Hash", "", BAD, NULL },
        { "envoy", "Hash=\"", "", BAD, NULL },
        { "envoy", "Hash={h};Cert=\"{a}\"", "", BAD, NULL },
    };
    check(rows, CB_COUNT(rows));
}

Test(client_cert_header, traefik)
{
    static const struct row rows[] = {
        { "traefik", "{a}", "", 0, "a" },
        { "traefik", "{a},{b},{c}", "", 0, "abc" },
        { "traefik", "{U}%2C{U}", "", 0, "aa" },
        { "traefik", "", "", 0, "" },
        { "traefik", "{a},", "", BAD, NULL },
        { "traefik", ",{a}", "", BAD, NULL },
        { "traefik", "{a}, {b}", "", BAD, NULL },
        { "traefik", "{a};{b}", "", BAD, NULL },
        { "traefik", "QUI", "", BAD, NULL },
        { "traefik", "QUJ=", "", BAD, NULL },
        { "traefik", "QU\nI=", "", BAD, NULL },
        { "traefik", "QUI%3D+", "", BAD, NULL },
        { "traefik", "QUI=%2CQUI%3D", "", BAD, NULL }, /* escaped by half */
        { "traefik", "QUI%3", "", BAD, NULL },
        { "traefik", "{A}", "", BAD, NULL },
        { "traefik", "{a},{b},{c},{a},{b},{c},{a},{b}", "", 0, "abcabcab" },
        { "traefik", "{a},{b},{c},{a},{b},{c},{a},{b},{c}", "", MANY, NULL },
    };
    check(rows, CB_COUNT(rows));
}

Test(client_cert_header, forms_have_names_and_fields)
{
    static const char *const names[] = { "rfc9440", "nginx", "haproxy", "envoy", "traefik" };
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        const struct cb_cert_header_form *form = cb_cert_header_form(cb_str_of(names[i]));
        cr_assert(form != NULL && form->header != NULL && form->parse != NULL, "%s", names[i]);
    }
    cr_expect_null(cb_cert_header_form(CB_STR("none")));
    cr_expect_null(cb_cert_header_form(CB_STR("")));
}

Test(client_cert_header, a_header_with_more_than_memory_fails)
{
    struct cb_arena small;
    struct cb_presented p;
    struct cb_err err = { 0 };
    cb_arena_init(&small, 64);
    const struct cb_cert_header_form *form = cb_cert_header_form(CB_STR("nginx"));
    cr_expect(CB_FAILED(cb_cert_header_parse(form, &small, field_of("{A}"), CB_STR(""), &p, &err)));
    cr_expect_eq(err.code, CB_E_MEMORY);
    cb_arena_done(&small);
}

Test(client_cert_header, the_usual_fields_are_known_in_any_case)
{
    cr_expect_str_eq(cb_cert_header_usual(CB_STR("client-CERT")), "Client-Cert");
    cr_expect_str_eq(cb_cert_header_usual(CB_STR("X-SSL-CLIENT-CERT-CHAIN")), "X-SSL-Client-Cert-Chain");
    cr_expect_null(cb_cert_header_usual(CB_STR("Client_Cert")));
    cr_expect_null(cb_cert_header_usual(CB_STR("Client-Certs")));
    cr_expect_null(cb_cert_header_usual(CB_STR("")));
}
