#include "cert/crl.h"

#include <criterion/criterion.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "testlib/crl.h"

#define NUMBER_OID      CB_STR("\x55\x1d\x14")
#define DELTA_OID       CB_STR("\x55\x1d\x1b")
#define POINT_OID       CB_STR("\x55\x1d\x1c")
#define UNKNOWN_OID     CB_STR("\x2a\x03\x04")
#define REASON_OID      CB_STR("\x55\x1d\x15")
#define CERT_ISSUER_OID CB_STR("\x55\x1d\x1d")
#define INVALIDITY_OID  CB_STR("\x55\x1d\x18")

static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value other_name[] = { { .type = "CN", .value = "Other CA" }, { .type = NULL } };
static struct pki_cert *ca;

static void setup(void)
{
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
}

static void teardown(void)
{
    pki_free(ca);
}

TestSuite(crl, .init = setup, .fini = teardown);

static enum cb_code read_bytes(struct cb_str list, const struct pki_cert *by, struct cb_crl **out)
{
    const struct cb_str cas[] = { pki_der(by) };
    struct cb_err err = { 0 };
    (void)cb_crl_read(list, cas, 1, PKI_NOW, out, &err).v_;
    return err.code;
}

/* Issued by the CA unless the row says otherwise, and read with that CA. */
static enum cb_code read(struct crl_spec spec, struct cb_crl **out)
{
    size_t n = 0;
    spec.issuer = spec.issuer == NULL ? ca : spec.issuer;
    char *der = crl_issue(&spec, &n);
    const enum cb_code code = read_bytes((struct cb_str){ der, n }, ca, out);
    free(der);
    return code;
}

static enum cb_code verdict(struct crl_spec spec)
{
    struct cb_crl *list = NULL;
    const enum cb_code code = read(spec, &list);
    cr_expect_eq(list != NULL, code == CB_E_NONE);
    cb_crl_unref(list);
    return code;
}

Test(crl, finds_every_entry_and_no_other)
{
    static const size_t octets[] = { 1, 8, 16, 20, 32 };
    for (size_t k = 0; k < CB_COUNT(octets); k++) {
        const size_t count = octets[k] == 1 ? 1 : 5000;
        struct cb_crl *list = NULL;
        struct cb_crl_entry entry = { .reason = NULL };
        char serial[CRL_SERIAL_MAX];
        cr_assert_eq(read((struct crl_spec){ .count = count, .serial_octets = octets[k] }, &list), CB_E_NONE);
        cr_expect_eq(cb_crl_facts(list)->entries, count);
        for (size_t i = 0; i < count; i++) {
            crl_serial(i, octets[k], serial);
            cr_assert(cb_crl_has(list, (struct cb_str){ serial, octets[k] }, &entry), "%zu of %zu", i,
                      octets[k]);
            serial[0] ^= 0x20;
            cr_assert_not(cb_crl_has(list, (struct cb_str){ serial, octets[k] }, &entry));
        }
        cr_expect_eq(entry.revoked_at, 1798761599);
        cr_expect_str_eq(entry.reason, "unspecified");
        crl_serial(0, octets[k], serial);
        cr_expect_not(cb_crl_has(list, (struct cb_str){ serial, octets[k] - 1 }, &entry), "a prefix");
        cb_crl_unref(list);
    }
}

Test(crl, says_what_it_is)
{
    struct cb_crl *list = NULL;
    struct cb_crl_entry entry = { .reason = NULL };
    cr_assert_eq(read((struct crl_spec){ .count = 0 }, &list), CB_E_NONE);
    const struct cb_crl_facts *f = cb_crl_facts(list);
    cr_expect_eq(f->this_update, PKI_NOW - 3600);
    cr_expect_eq(f->next_update, PKI_NOW + 86400);
    cr_expect_eq(f->entries, 0);
    cr_expect_str_eq(f->number, "0102");
    cr_expect_not(cb_crl_has(list, CB_STR("\x01"), &entry));
    cr_expect_eq(cb_crl_covers(list, false, NULL, 0), CB_CRL_ALL_REASONS);
    cr_expect_eq(cb_crl_covers(list, true, NULL, 0), CB_CRL_ALL_REASONS);

    struct cb_key_hash key;
    unsigned char *der = NULL;
    const int n = i2d_PUBKEY(ca->key, &der);
    cr_assert_not(CB_FAILED(cb_key_hash_of((struct cb_str){ (const char *)der, (size_t)n }, &key, NULL)));
    cr_expect(cb_key_hash_eq(&f->issuer_key, &key));
    OPENSSL_free(der);
    cb_crl_unref(list);
}

Test(crl, is_fresh_until_the_next_update_and_revokes_ever_after)
{
    struct cb_crl *list = NULL;
    struct cb_crl_entry entry = { .reason = NULL };
    struct cb_err err = { 0 };
    char serial[CRL_SERIAL_MAX];
    cr_assert_eq(read((struct crl_spec){ .count = 1, .next_update = PKI_NOW - 1 }, &list), CB_E_NONE);
    cr_expect_not(CB_FAILED(cb_crl_check_fresh(list, PKI_NOW - 2, &err)));
    cr_expect(CB_FAILED(cb_crl_check_fresh(list, PKI_NOW - 1, &err)));
    cr_expect_eq(err.code, CB_E_CRL_EXPIRED);
    crl_serial(0, 16, serial);
    cr_expect(cb_crl_has(list, (struct cb_str){ serial, 16 }, &entry));
    cb_crl_unref(list);
}

/* --- signatures --- */

Test(crl, takes_each_good_signature)
{
    static const struct {
        const char *key, *digest;
        bool pss;
        enum cb_code code;
    } rows[] = {
        { "P-256", "SHA256", false, CB_E_NONE },
        { "P-384", "SHA384", false, CB_E_NONE },
        { "P-256", "SHA512", false, CB_E_NONE },
        { "RSA2048", "SHA256", false, CB_E_NONE },
        { "RSA2048", "SHA384", false, CB_E_NONE },
        { "RSA2048", "SHA512", false, CB_E_NONE },
        { "RSA2048", "SHA256", true, CB_E_NONE },
        { "RSA2048", "SHA512", true, CB_E_NONE },
        { "ED25519", NULL, false, CB_E_NONE },
        { "P-256", "SHA1", false, CB_E_CRL_ALGORITHM },
        { "P-256", "SHA224", false, CB_E_CRL_ALGORITHM },
        { "RSA2048", "SHA1", false, CB_E_CRL_ALGORITHM },
        { "RSA2048", "SHA1", true, CB_E_CRL_ALGORITHM },
        { "RSA2048", "MD5", false, CB_E_CRL_ALGORITHM },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        pki_free(ca);
        ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .key = rows[i].key });
        const enum cb_code code =
            verdict((struct crl_spec){ .count = 2, .digest = rows[i].digest, .pss = rows[i].pss });
        cr_expect_eq(code, rows[i].code, "%s %s: %s", rows[i].key, rows[i].digest, cb_code_reason(code));
    }
}

Test(crl, believes_the_key_of_its_issuer_alone)
{
    struct pki_cert *namesake = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *other = pki_issue(&(struct pki_spec){ .subject = other_name, .ca = true });
    cr_expect_eq(verdict((struct crl_spec){ .issuer = namesake }), CB_E_CRL_SIGNATURE, "a same-named CA");
    cr_expect_eq(verdict((struct crl_spec){ .signer = other->key }), CB_E_CRL_SIGNATURE);
    cr_expect_eq(verdict((struct crl_spec){ .issuer = other }), CB_E_CRL_ISSUER_UNKNOWN);
    cr_expect_eq(verdict((struct crl_spec){ .issuer = other, .signer = ca->key }), CB_E_CRL_ISSUER_UNKNOWN);

    /* Among several, the one whose key it is. */
    struct cb_crl *list = NULL;
    struct cb_err err = { 0 };
    size_t n = 0;
    char *der = crl_issue(&(struct crl_spec){ .issuer = ca }, &n);
    const struct cb_str cas[] = { CB_STR("junk"), pki_der(other), pki_der(namesake), pki_der(ca) };
    cr_expect_not(CB_FAILED(cb_crl_read((struct cb_str){ der, n }, cas, 4, PKI_NOW, &list, &err)), "%s",
                  err.detail);
    cb_crl_unref(list);
    free(der);
    pki_free(other);
    pki_free(namesake);
}

Test(crl, wants_a_ca_that_may_sign_lists)
{
    static const struct {
        const char *usage;
        enum cb_code code;
    } rows[] = {
        { "critical,cRLSign", CB_E_NONE },
        { "", CB_E_NONE },
        { "critical,keyCertSign", CB_E_CRL_ISSUER_UNKNOWN },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        pki_free(ca);
        ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true, .key_usage = rows[i].usage });
        cr_expect_eq(verdict((struct crl_spec){ .count = 1 }), rows[i].code, "%s", rows[i].usage);
    }
}

Test(crl, notices_every_changed_byte)
{
    size_t n = 0;
    char *der = crl_issue(&(struct crl_spec){ .issuer = ca, .count = 3 }, &n);
    for (size_t i = 0; i < n; i++) {
        struct cb_crl *list = NULL;
        der[i] ^= 0x01;
        cr_expect_neq(read_bytes((struct cb_str){ der, n }, ca, &list), CB_E_NONE, "byte %zu", i);
        cr_expect_null(list);
        der[i] ^= 0x01;
        cr_expect_neq(read_bytes((struct cb_str){ der, i }, ca, &list), CB_E_NONE, "%zu bytes", i);
    }
    free(der);
}

/* --- shape --- */

Test(crl, refuses_each_flaw_with_its_code)
{
    const struct {
        const char *what;
        struct crl_spec spec;
        enum cb_code code;
    } rows[] = {
        { "version 1", { .v1 = true, .count = 2 }, CB_E_NONE },
        { "no extensions", { .extensions = CB_STR(""), .count = 2 }, CB_E_NONE },
        { "just now", { .this_update = PKI_NOW + CB_CLOCK_SKEW_S }, CB_E_NONE },
        { "later", { .this_update = PKI_NOW + CB_CLOCK_SKEW_S + 1 }, CB_E_CRL_NOT_YET_VALID },
        { "no next update", { .no_next_update = true }, CB_E_CRL_MALFORMED },
        { "ends before it began",
          { .this_update = PKI_NOW - 9, .next_update = PKI_NOW - 9 },
          CB_E_CRL_MALFORMED },
        { "bytes behind it", { .tail = CB_STR("x") }, CB_E_CRL_MALFORMED },
        { "a list behind it", { .tail = CB_STR("\x30\x00") }, CB_E_CRL_MALFORMED },
        { "version 1 with extensions",
          { .v1 = true, .extensions = CB_STR("\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x01") },
          CB_E_CRL_MALFORMED },
        { "two algorithms",
          { .inner_algorithm = CB_STR("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03") },
          CB_E_CRL_MALFORMED },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const enum cb_code code = verdict(rows[i].spec);
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
    }
}

Test(crl, refuses_each_bad_extension_with_its_code)
{
    static const struct {
        const char *what;
        struct cb_str oid;
        bool critical;
        struct cb_str value;
        enum cb_code code;
    } rows[] = {
        { "number", NUMBER_OID, false, CB_STR("\x02\x01\x07"), CB_E_NONE },
        { "number of 20 octets", NUMBER_OID, false, CB_STR("\x02\x14GHIJKLMNOPQRSTUVWXYZ"), CB_E_NONE },
        { "number of 21 octets", NUMBER_OID, false, CB_STR("\x02\x15_GHIJKLMNOPQRSTUVWXYZ"),
          CB_E_CRL_MALFORMED },
        { "number, bytes behind", NUMBER_OID, false, CB_STR("\x02\x01\x07\x00"), CB_E_CRL_MALFORMED },
        { "delta", DELTA_OID, true, CB_STR("\x02\x01\x01"), CB_E_CRL_UNSUPPORTED },
        { "delta, not critical", DELTA_OID, false, CB_STR("\x02\x01\x01"), CB_E_CRL_UNSUPPORTED },
        { "unknown", UNKNOWN_OID, false, CB_STR("\x05\x00"), CB_E_NONE },
        { "unknown and critical", UNKNOWN_OID, true, CB_STR("\x05\x00"), CB_E_CRL_UNSUPPORTED },
        { "users", POINT_OID, true, CB_STR("\x30\x03\x81\x01\xff"), CB_E_NONE },
        { "CAs", POINT_OID, true, CB_STR("\x30\x03\x82\x01\xff"), CB_E_NONE },
        { "both", POINT_OID, true, CB_STR("\x30\x06\x81\x01\xff\x82\x01\xff"), CB_E_CRL_MALFORMED },
        { "indirect", POINT_OID, true, CB_STR("\x30\x03\x84\x01\xff"), CB_E_CRL_UNSUPPORTED },
        { "not indirect", POINT_OID, true, CB_STR("\x30\x03\x84\x01\x00"), CB_E_NONE },
        { "a flag of 1", POINT_OID, true, CB_STR("\x30\x03\x81\x01\x01"), CB_E_CRL_MALFORMED },
        { "attributes", POINT_OID, true, CB_STR("\x30\x03\x85\x01\xff"), CB_E_CRL_UNSUPPORTED },
        { "reasons", POINT_OID, true, CB_STR("\x30\x04\x83\x02\x01\x40"), CB_E_NONE },
        { "empty reasons", POINT_OID, true, CB_STR("\x30\x03\x83\x01\x00"), CB_E_CRL_MALFORMED },
        { "empty point", POINT_OID, true, CB_STR("\x30\x00"), CB_E_CRL_MALFORMED },
        { "wrong order", POINT_OID, true, CB_STR("\x30\x06\x82\x01\xff\x81\x01\xff"), CB_E_CRL_MALFORMED },
        { "point, bytes behind", POINT_OID, true, CB_STR("\x30\x03\x81\x01\xff\x00"), CB_E_CRL_MALFORMED },
        { "relative name", POINT_OID, true, CB_STR("\x30\x06\xa0\x04\xa1\x02\x30\x00"), CB_E_NONE },
        { "no name", POINT_OID, true, CB_STR("\x30\x02\xa0\x00"), CB_E_CRL_MALFORMED },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_buf extensions;
        cb_buf_init(&extensions, 1024);
        crl_extension(&extensions, rows[i].oid, rows[i].critical, rows[i].value);
        enum cb_code code = verdict((struct crl_spec){ .extensions = cb_buf_str(&extensions) });
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
        if (code == CB_E_NONE && !cb_str_eq(rows[i].oid, UNKNOWN_OID)) {
            crl_extension(&extensions, rows[i].oid, rows[i].critical, rows[i].value);
            code = verdict((struct crl_spec){ .extensions = cb_buf_str(&extensions) });
            cr_expect_eq(code, CB_E_CRL_MALFORMED, "%s, twice", rows[i].what);
        }
        cb_buf_done(&extensions);
    }
}

Test(crl, refuses_each_bad_entry_with_its_code)
{
    static const struct {
        const char *what;
        struct cb_str serial;
        struct cb_str oid;
        bool critical;
        struct cb_str value;
        enum cb_code code;
    } rows[] = {
        { "plain", CB_STR("\x05"), { 0 }, false, { 0 }, CB_E_NONE },
        { "zero", CB_STR("\x00"), { 0 }, false, { 0 }, CB_E_NONE },
        { "a sign octet", CB_STR("\x00\x85"), { 0 }, false, { 0 }, CB_E_NONE },
        { "negative", CB_STR("\x85"), { 0 }, false, { 0 }, CB_E_NONE },
        { "no serial", CB_STR(""), { 0 }, false, { 0 }, CB_E_CRL_MALFORMED },
        { "padded", CB_STR("\x00\x05"), { 0 }, false, { 0 }, CB_E_CRL_MALFORMED },
        { "padded, negative", CB_STR("\xff\x85"), { 0 }, false, { 0 }, CB_E_CRL_MALFORMED },
        { "32 octets", CB_STR("0123456789abcdef0123456789abcdef"), { 0 }, false, { 0 }, CB_E_NONE },
        { "33 octets", CB_STR("0123456789abcdef0123456789abcdefg"), { 0 }, false, { 0 }, CB_E_CRL_MALFORMED },
        { "reason", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\x01"), CB_E_NONE },
        { "hold", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\x06"), CB_E_NONE },
        { "last reason", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\x0a"), CB_E_NONE },
        { "reason 11", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\x0b"), CB_E_CRL_MALFORMED },
        { "reason 7", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\x07"), CB_E_CRL_MALFORMED },
        { "reason -1", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\xff"), CB_E_CRL_MALFORMED },
        { "taken back", CB_STR("\x05"), REASON_OID, false, CB_STR("\x0a\x01\x08"), CB_E_CRL_UNSUPPORTED },
        { "reason as INTEGER", CB_STR("\x05"), REASON_OID, false, CB_STR("\x02\x01\x01"),
          CB_E_CRL_MALFORMED },
        { "invalidity", CB_STR("\x05"), INVALIDITY_OID, false, CB_STR("\x05\x00"), CB_E_NONE },
        { "unknown", CB_STR("\x05"), UNKNOWN_OID, false, CB_STR("\x05\x00"), CB_E_NONE },
        { "unknown and critical", CB_STR("\x05"), UNKNOWN_OID, true, CB_STR("\x05\x00"),
          CB_E_CRL_UNSUPPORTED },
        { "another issuer", CB_STR("\x05"), CERT_ISSUER_OID, true, CB_STR("\x30\x00"), CB_E_CRL_UNSUPPORTED },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_buf extensions, entries;
        cb_buf_init(&extensions, 1024);
        cb_buf_init(&entries, 1024);
        if (rows[i].oid.n > 0) {
            crl_extension(&extensions, rows[i].oid, rows[i].critical, rows[i].value);
        }
        crl_entry(&entries, rows[i].serial, cb_buf_str(&extensions));
        enum cb_code code = verdict((struct crl_spec){ .entries = cb_buf_str(&entries) });
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
        crl_entry(&entries, rows[i].serial, cb_buf_str(&extensions));
        code = verdict((struct crl_spec){ .entries = cb_buf_str(&entries) });
        cr_expect_eq(code, rows[i].code == CB_E_NONE ? CB_E_CRL_MALFORMED : rows[i].code, "%s, twice",
                     rows[i].what);
        cb_buf_done(&extensions);
        cb_buf_done(&entries);
    }
}

Test(crl, refuses_extensions_of_entries_in_version_1)
{
    struct cb_buf extensions, entries;
    cb_buf_init(&extensions, 1024);
    cb_buf_init(&entries, 1024);
    crl_extension(&extensions, REASON_OID, false, CB_STR("\x0a\x01\x01"));
    crl_entry(&entries, CB_STR("\x05"), cb_buf_str(&extensions));
    cr_expect_eq(verdict((struct crl_spec){ .v1 = true, .entries = cb_buf_str(&entries) }),
                 CB_E_CRL_MALFORMED);
    cb_buf_done(&extensions);
    cb_buf_done(&entries);
}

Test(crl, says_why_something_was_revoked)
{
    struct cb_buf extensions, entries;
    struct cb_crl *list = NULL;
    struct cb_crl_entry entry = { .reason = NULL };
    cb_buf_init(&extensions, 1024);
    cb_buf_init(&entries, 1024);
    crl_extension(&extensions, REASON_OID, false, CB_STR("\x0a\x01\x01"));
    crl_entry(&entries, CB_STR("\x05"), cb_buf_str(&extensions));
    cr_assert_eq(read((struct crl_spec){ .entries = cb_buf_str(&entries) }, &list), CB_E_NONE);
    cr_assert(cb_crl_has(list, CB_STR("\x05"), &entry));
    cr_expect_str_eq(entry.reason, "keyCompromise");
    cb_crl_unref(list);
    cb_buf_done(&extensions);
    cb_buf_done(&entries);
}

/* --- scope --- */

#define URI_A   "\x86\x0ahttps://a/"
#define POINT_A "\xa0\x0e\xa0\x0c" URI_A

Test(crl, covers_what_its_scope_names)
{
    static const struct cb_str a[] = { CB_STR("https://b/"), CB_STR("https://a/") };
    static const struct {
        const char *what;
        struct cb_str value;
        bool is_ca;
        size_t points;
        unsigned reasons;
    } rows[] = {
        { "users, a user", CB_STR("\x30\x03\x81\x01\xff"), false, 0, CB_CRL_ALL_REASONS },
        { "users, a CA", CB_STR("\x30\x03\x81\x01\xff"), true, 0, 0 },
        { "CAs, a user", CB_STR("\x30\x03\x82\x01\xff"), false, 0, 0 },
        { "CAs, a CA", CB_STR("\x30\x03\x82\x01\xff"), true, 0, CB_CRL_ALL_REASONS },
        { "two reasons", CB_STR("\x30\x04\x83\x02\x01\x60"), false, 0, 0x6 },
        { "the ninth reason", CB_STR("\x30\x05\x83\x03\x07\x00\x80"), false, 0, 0x100 },
        { "every reason", CB_STR("\x30\x05\x83\x03\x07\x7f\x80"), false, 0, CB_CRL_ALL_REASONS },
        { "a point, none named", CB_STR("\x30\x10" POINT_A), false, 0, 0 },
        { "a point, another named", CB_STR("\x30\x10" POINT_A), false, 1, 0 },
        { "a point, named", CB_STR("\x30\x10" POINT_A), false, 2, CB_CRL_ALL_REASONS },
        { "a point, users", CB_STR("\x30\x13" POINT_A "\x81\x01\xff"), true, 2, 0 },
        { "a relative point", CB_STR("\x30\x06\xa0\x04\xa1\x02\x30\x00"), false, 2, 0 },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_buf extensions;
        struct cb_crl *list = NULL;
        cb_buf_init(&extensions, 1024);
        crl_extension(&extensions, POINT_OID, true, rows[i].value);
        cr_assert_eq(read((struct crl_spec){ .extensions = cb_buf_str(&extensions) }, &list), CB_E_NONE);
        cr_expect_eq(cb_crl_covers(list, rows[i].is_ca, a, rows[i].points), rows[i].reasons, "%s",
                     rows[i].what);
        cb_crl_unref(list);
        cb_buf_done(&extensions);
    }
}

/* --- files --- */

static char *pem_of(const char *name, const char *der, size_t n, int times, size_t *out_n)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    BIO_puts(bio, "Text before it.\n");
    for (int i = 0; i < times; i++) {
        PEM_write_bio(bio, name, "", (const unsigned char *)der, (long)n);
    }
    *out_n = (size_t)BIO_get_mem_data(bio, &data);
    char *copy = malloc(*out_n);
    memcpy(copy, data, *out_n);
    BIO_free(bio);
    return copy;
}

Test(crl, reads_one_pem_block)
{
    static const struct {
        const char *name;
        int times;
        enum cb_code code;
    } rows[] = {
        { "X509 CRL", 1, CB_E_NONE },
        { "X509 CRL", 2, CB_E_CRL_MALFORMED },
        { "CERTIFICATE", 1, CB_E_CRL_MALFORMED },
    };
    size_t n = 0, pem_n = 0;
    char *der = crl_issue(&(struct crl_spec){ .issuer = ca, .count = 3 }, &n);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_crl *list = NULL;
        char *pem = pem_of(rows[i].name, der, n, rows[i].times, &pem_n);
        cr_expect_eq(read_bytes((struct cb_str){ pem, pem_n }, ca, &list), rows[i].code, "row %zu", i);
        cb_crl_unref(list);
        free(pem);
    }
    free(der);
}

Test(crl, has_its_limit)
{
    struct cb_crl *list = NULL;
    char *zeros = calloc(1, CB_LIMIT_CRL_FILE + 1);
    zeros[0] = 0x30;
    cr_expect_eq(read_bytes((struct cb_str){ zeros, CB_LIMIT_CRL }, ca, &list), CB_E_CRL_MALFORMED);
    cr_expect_eq(read_bytes((struct cb_str){ zeros, CB_LIMIT_CRL + 1 }, ca, &list), CB_E_CRL_TOO_LARGE);
    zeros[0] = '-';
    cr_expect_eq(read_bytes((struct cb_str){ zeros, CB_LIMIT_CRL_FILE }, ca, &list), CB_E_CRL_MALFORMED);
    cr_expect_eq(read_bytes((struct cb_str){ zeros, CB_LIMIT_CRL_FILE + 1 }, ca, &list), CB_E_CRL_TOO_LARGE);
    cr_expect_eq(read_bytes((struct cb_str){ zeros, 0 }, ca, &list), CB_E_CRL_MALFORMED);
    free(zeros);
}

/* What OpenSSL writes, it reads. */
Test(crl, agrees_with_openssl)
{
    X509_CRL *made = X509_CRL_new();
    X509_REVOKED *revoked = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ASN1_TIME *then = ASN1_TIME_set(NULL, PKI_NOW - 100), *later = ASN1_TIME_set(NULL, PKI_NOW + 100);
    unsigned char *der = NULL;
    struct cb_crl *list = NULL;
    struct cb_crl_entry entry = { .reason = NULL };
    ASN1_INTEGER_set_uint64(serial, 0xdeadbeef);
    X509_REVOKED_set_serialNumber(revoked, serial);
    X509_REVOKED_set_revocationDate(revoked, then);
    X509_CRL_set_version(made, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(made, X509_get_subject_name(ca->x509));
    X509_CRL_set1_lastUpdate(made, then);
    X509_CRL_set1_nextUpdate(made, later);
    X509_CRL_add0_revoked(made, revoked);
    cr_assert_gt(X509_CRL_sign(made, ca->key, EVP_sha256()), 0);
    const int n = i2d_X509_CRL(made, &der);
    cr_assert_eq(read_bytes((struct cb_str){ (const char *)der, (size_t)n }, ca, &list), CB_E_NONE);
    cr_expect(cb_crl_has(list, CB_STR("\x00\xde\xad\xbe\xef"), &entry));
    cr_expect_eq(entry.revoked_at, PKI_NOW - 100);
    cb_crl_unref(list);
    OPENSSL_free(der);
    ASN1_TIME_free(then);
    ASN1_TIME_free(later);
    ASN1_INTEGER_free(serial);
    X509_CRL_free(made);
}
