#include "cert/usage.h"

#include <criterion/criterion.h>

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

TestSuite(usage, .init = setup, .fini = teardown);

static struct cb_cert parsed(const struct pki_spec *spec)
{
    struct pki_cert *c = pki_issue(spec);
    struct cb_cert cert = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, NULL)));
    pki_free(c);
    return cert;
}

Test(usage, reads_the_bits_and_whether_they_are_critical)
{
    static const struct {
        const char *usage;
        bool stated, critical;
        unsigned bits;
    } rows[] = {
        { "", false, false, 0 },
        { "digitalSignature", true, false, 0x80 },
        { "critical,digitalSignature,keyEncipherment", true, true, 0xa0 },
        { "critical,nonRepudiation", true, true, 0x40 },
        { "critical,keyAgreement,decipherOnly", true, true, 0x08 },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_cert cert = parsed(&(struct pki_spec){ .key_usage = rows[i].usage });
        struct cb_usage usage = { .bits = 1 };
        cr_assert_not(CB_FAILED(cb_cert_key_usage(&cert, &usage, NULL)));
        cr_expect_eq(usage.stated, rows[i].stated, "%s", rows[i].usage);
        cr_expect_eq(usage.critical, rows[i].critical, "%s", rows[i].usage);
        cr_expect_eq(usage.bits, rows[i].bits, "%s", rows[i].usage);
    }
}

Test(usage, finds_a_purpose_in_any_place)
{
    static const struct {
        const char *eku; /* NULL: no extension */
        bool client;
    } rows[] = {
        { NULL, false },         { "clientAuth", true },           { "serverAuth,clientAuth", true },
        { "serverAuth", false }, { "anyExtendedKeyUsage", false }, { "1.3.6.1.5.5.7.3.2.1", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_cert cert =
            parsed(&(struct pki_spec){ .eku = rows[i].eku, .no_eku = rows[i].eku == NULL });
        bool found = !rows[i].client;
        cr_assert_not(CB_FAILED(cb_cert_has_purpose(&cert, CB_PURPOSE_CLIENT_AUTH, &found, NULL)));
        cr_expect_eq(found, rows[i].client, "%s", rows[i].eku);
    }
}

Test(usage, refuses_what_does_not_decode)
{
    static const struct {
        struct pki_extension more[2];
    } rows[] = {
        { { { "2.5.29.15", CB_STR("\x03\x02\x07"), false } } },
        { { { "2.5.29.15", CB_STR("\x03\x01\x07"), false } } },
        { { { "2.5.29.15", CB_STR("\x03\x02\x08\x80"), false } } },
        { { { "2.5.29.15", CB_STR("\x03\x02\x07\x80\x00"), false } } },
        { { { "2.5.29.37", CB_STR("\x30\x02\x06"), false } } },
        { { { "2.5.29.37", CB_STR("\x30\x02\x05\x00"), false } } },
        { { { "2.5.29.37", CB_STR("\x30\x00\x00"), false } } },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_cert cert = parsed(&(struct pki_spec){ .no_eku = true, .more = rows[i].more });
        struct cb_usage usage = { .bits = 0 };
        bool found = false;
        struct cb_err err = { 0 };
        if (strcmp(rows[i].more[0].oid, "2.5.29.15") == 0) {
            cr_expect(CB_FAILED(cb_cert_key_usage(&cert, &usage, &err)), "row %zu", i);
        } else {
            cr_expect(CB_FAILED(cb_cert_has_purpose(&cert, CB_PURPOSE_CLIENT_AUTH, &found, &err)), "row %zu",
                      i);
        }
        cr_expect_eq(err.code, CB_E_CERT_MALFORMED, "row %zu", i);
    }
}
