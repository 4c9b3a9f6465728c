#include "cert/qc.h"

#include <criterion/criterion.h>
#include <openssl/crypto.h>

#include "testlib/der.h"
#include "testlib/pki.h"

#define AS (1U << CB_PSP_ACCOUNT_SERVICING)
#define PI (1U << CB_PSP_PAYMENT_INITIATION)
#define AI (1U << CB_PSP_ACCOUNT_INFORMATION)
#define IC (1U << CB_PSP_CARD_INSTRUMENTS)

static struct cb_arena arena;

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(qc, .init = setup, .fini = teardown);

/* The examples of the UK directory's "eIDAS PSD2 Certificate Signing Request Profiles", issue 2.2. */
static const struct {
    const char *hex;
    unsigned types, roles;
} vectors[] = {
    { "305b3013060604008e4601063009060704008e4601060330440606040081982702303a301330110607040081982701010c06"
      "5053505f41530c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d464341",
      CB_QC_TYPE_WEBSITE, AS },
    { "305b3013060604008e4601063009060704008e4601060330440606040081982702303a301330110607040081982701020c06"
      "5053505f50490c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d464341",
      CB_QC_TYPE_WEBSITE, PI },
    { "305b3013060604008e4601063009060704008e4601060330440606040081982702303a301330110607040081982701030c06"
      "5053505f41490c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d464341",
      CB_QC_TYPE_WEBSITE, AI },
    { "305b3013060604008e4601063009060704008e4601060330440606040081982702303a301330110607040081982701040c06"
      "5053505f49430c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d464341",
      CB_QC_TYPE_WEBSITE, IC },
    { "306e3013060604008e4601063009060704008e4601060330570606040081982702304d302630110607040081982701020c06"
      "5053505f504930110607040081982701030c065053505f41490c1b46696e616e6369616c20436f6e647563742041757468"
      "6f726974790c0647422d464341",
      CB_QC_TYPE_WEBSITE, PI | AI },
    { "3081943013060604008e4601063009060704008e46010603307d06060400819827023073304c30110607040081982701010c"
      "065053505f415330110607040081982701020c065053505f504930110607040081982701030c065053505f414930110607"
      "040081982701040c065053505f49430c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d"
      "464341",
      CB_QC_TYPE_WEBSITE, AS | PI | AI | IC },
    { "305b3013060604008e4601063009060704008e4601060230440606040081982702303a301330110607040081982701030c06"
      "5053505f41490c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d464341",
      CB_QC_TYPE_SEAL, AI },
};

static struct cb_str of_hex(const char *hex)
{
    const size_t n = strlen(hex) / 2;
    unsigned char *p = cb_arena_alloc(&arena, n);
    size_t wrote = 0;
    cr_assert_eq(OPENSSL_hexstr2buf_ex(p, n, &wrote, hex, '\0'), 1);
    return (struct cb_str){ (const char *)p, wrote };
}

Test(qc, reads_the_examples_of_the_uk_directory)
{
    for (size_t i = 0; i < CB_COUNT(vectors); i++) {
        struct cb_qc qc = { .compliance = true };
        cr_assert_not(CB_FAILED(cb_qc_read(of_hex(vectors[i].hex), &qc, NULL)), "row %zu", i);
        cr_expect(!qc.compliance && qc.has_types && qc.has_psd2, "row %zu", i);
        cr_expect_eq(qc.types, vectors[i].types, "row %zu", i);
        cr_expect_eq(qc.roles, vectors[i].roles, "row %zu", i);
        cr_expect(cb_str_is(qc.authority_name, "Financial Conduct Authority"), "row %zu", i);
        cr_expect(cb_str_is(qc.authority_id, "GB-FCA"), "row %zu", i);
    }
}

/* Whatever byte of it is missing, or whatever stands behind it. */
Test(qc, is_exactly_one_der)
{
    for (size_t i = 0; i < CB_COUNT(vectors); i++) {
        const struct cb_str der = of_hex(vectors[i].hex);
        for (size_t n = 0; n < der.n; n++) {
            struct cb_qc qc = { .roles = 0 };
            struct cb_err err = { 0 };
            cr_expect(CB_FAILED(cb_qc_read((struct cb_str){ der.p, n }, &qc, &err)));
            cr_expect_eq(err.code, CB_E_CERT_QC_STATEMENTS);
        }
    }
}

static enum cb_code code_of(struct cb_str der)
{
    struct cb_qc qc = { .roles = 99 };
    struct cb_err err = { 0 };
    const cb_status st = cb_qc_read(der, &qc, &err);
    cr_expect_eq(CB_FAILED(st), qc.roles == 99, "written on success only");
    return err.code;
}

/* A PSD2 statement of these parts. */
static struct cb_str psd2(struct cb_str roles, struct cb_str name, struct cb_str id)
{
    return DER_SEQUENCE(&arena, der_oid(&arena, DER_PSD2), DER_SEQUENCE(&arena, roles, name, id));
}

static struct cb_str role(const char *oid, struct cb_str name)
{
    return DER_SEQUENCE(&arena, der_oid(&arena, oid), der_utf8(&arena, name));
}

#define UTF8(literal) der_utf8(&arena, CB_STR(literal))
#define OID(dotted)   der_oid(&arena, dotted)
#define SEQ(...)      DER_SEQUENCE(&arena, __VA_ARGS__)
#define AI_ROLE       role("0.4.0.19495.1.3", CB_STR("PSP_AI"))
#define GOOD          psd2(SEQ(AI_ROLE), UTF8("FCA"), UTF8("GB-FCA"))
#define EMPTY         CB_STR("\x30\x00")

Test(qc, asks_of_every_statement_what_the_standard_says)
{
    const struct {
        const char *what;
        struct cb_str der;
        enum cb_code code;
    } rows[] = {
        { "one good statement", SEQ(GOOD), CB_E_NONE },
        { "a statement that nobody knows", SEQ(GOOD, SEQ(OID("1.2.3"))), CB_E_NONE },
        { "one with information", SEQ(GOOD, SEQ(OID("1.2.3"), SEQ(UTF8("x")))), CB_E_NONE },
        { "one with two informations", SEQ(GOOD, SEQ(OID("1.2.3"), UTF8("x"), UTF8("x"))),
          CB_E_CERT_QC_STATEMENTS },
        { "one whose information does not decode", SEQ(GOOD, SEQ(OID("1.2.3"), CB_STR("\x0c\x05x"))),
          CB_E_CERT_QC_STATEMENTS },
        { "one with a broken OID", SEQ(GOOD, SEQ(CB_STR("\x06\x02\x2a\x80"))), CB_E_CERT_QC_STATEMENTS },
        { "one without OID", SEQ(GOOD, EMPTY), CB_E_CERT_QC_STATEMENTS },
        { "no statement", EMPTY, CB_E_CERT_QC_STATEMENTS },
        { "nothing", CB_STR(""), CB_E_CERT_QC_STATEMENTS },
        { "indefinite length", CB_STR("\x30\x80\x30\x03\x06\x01\x2a\x00\x00"), CB_E_CERT_QC_STATEMENTS },
        { "a length in more octets than it needs", CB_STR("\x30\x81\x05\x30\x03\x06\x01\x2a"),
          CB_E_CERT_QC_STATEMENTS },
        { "a length with a leading zero", CB_STR("\x30\x82\x00\x05\x30\x03\x06\x01\x2a"),
          CB_E_CERT_QC_STATEMENTS },
        { "a set of statements", CB_STR("\x31\x05\x30\x03\x06\x01\x2a"), CB_E_CERT_QC_STATEMENTS },
        { "the shortest form", CB_STR("\x30\x05\x30\x03\x06\x01\x2a"), CB_E_NONE },
        { "two PSD2 statements", SEQ(GOOD, GOOD), CB_E_CERT_QC_STATEMENTS },
        { "two QcTypes",
          SEQ(SEQ(OID("0.4.0.1862.1.6"), SEQ(OID(DER_QC_WEB))),
              SEQ(OID("0.4.0.1862.1.6"), SEQ(OID(DER_QC_WEB)))),
          CB_E_CERT_QC_STATEMENTS },
        { "an empty QcType", SEQ(SEQ(OID("0.4.0.1862.1.6"), EMPTY)), CB_E_CERT_QC_STATEMENTS },
        { "QcType without information", SEQ(SEQ(OID("0.4.0.1862.1.6"))), CB_E_CERT_QC_STATEMENTS },
        { "QcType of no OIDs", SEQ(SEQ(OID("0.4.0.1862.1.6"), SEQ(UTF8("web")))), CB_E_CERT_QC_STATEMENTS },
        { "QcCompliance", SEQ(SEQ(OID("0.4.0.1862.1.1"))), CB_E_NONE },
        { "QcCompliance with information", SEQ(SEQ(OID("0.4.0.1862.1.1"), CB_STR("\x05\x00"))),
          CB_E_CERT_QC_STATEMENTS },
        { "PSD2 without information", SEQ(SEQ(OID(DER_PSD2))), CB_E_CERT_QC_STATEMENTS },
        { "something behind nCAId",
          SEQ(SEQ(OID(DER_PSD2), SEQ(SEQ(AI_ROLE), UTF8("FCA"), UTF8("GB-FCA"), UTF8("x")))),
          CB_E_CERT_QC_STATEMENTS },
        { "no role", SEQ(psd2(EMPTY, UTF8("FCA"), UTF8("GB-FCA"))), CB_E_CERT_ROLE },
        { "name of another role",
          SEQ(psd2(SEQ(role("0.4.0.19495.1.3", CB_STR("PSP_PI"))), UTF8("FCA"), UTF8("GB-FCA"))),
          CB_E_CERT_ROLE },
        { "name in small letters",
          SEQ(psd2(SEQ(role("0.4.0.19495.1.3", CB_STR("psp_ai"))), UTF8("FCA"), UTF8("GB-FCA"))),
          CB_E_CERT_ROLE },
        { "name with a NUL",
          SEQ(psd2(SEQ(role("0.4.0.19495.1.3", CB_STR("PSP_AI\0"))), UTF8("FCA"), UTF8("GB-FCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "the name of ours on an OID that is not",
          SEQ(psd2(SEQ(role("1.2.3", CB_STR("PSP_AI"))), UTF8("FCA"), UTF8("GB-FCA"))), CB_E_CERT_ROLE },
        { "one good role and one that disagrees",
          SEQ(psd2(SEQ(AI_ROLE, role("0.4.0.19495.1.2", CB_STR("PSP_AI"))), UTF8("FCA"), UTF8("GB-FCA"))),
          CB_E_CERT_ROLE },
        { "a role without a name", SEQ(psd2(SEQ(SEQ(OID("0.4.0.19495.1.3"))), UTF8("FCA"), UTF8("GB-FCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "a role whose name is a PrintableString",
          SEQ(psd2(SEQ(SEQ(OID("0.4.0.19495.1.3"), CB_STR("\x13\x06PSP_AI"))), UTF8("FCA"), UTF8("GB-FCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "an unknown role of good shape",
          SEQ(psd2(SEQ(role("1.2.3", CB_STR("PSP_XX"))), UTF8("FCA"), UTF8("GB-FCA"))), CB_E_NONE },
        { "an unknown role with an empty name",
          SEQ(psd2(SEQ(role("1.2.3", CB_STR(""))), UTF8("FCA"), UTF8("GB-FCA"))), CB_E_CERT_QC_STATEMENTS },
        { "nCAName empty", SEQ(psd2(SEQ(AI_ROLE), UTF8(""), UTF8("GB-FCA"))), CB_E_CERT_QC_STATEMENTS },
        { "nCAName with a NUL", SEQ(psd2(SEQ(AI_ROLE), UTF8("F\0A"), UTF8("GB-FCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "nCAName with a line end", SEQ(psd2(SEQ(AI_ROLE), UTF8("F\nA"), UTF8("GB-FCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "nCAName not UTF-8", SEQ(psd2(SEQ(AI_ROLE), UTF8("F\xff"), UTF8("GB-FCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "nCAId without a hyphen", SEQ(psd2(SEQ(AI_ROLE), UTF8("FCA"), UTF8("GBFCA"))),
          CB_E_CERT_QC_STATEMENTS },
        { "nCAId in small letters", SEQ(psd2(SEQ(AI_ROLE), UTF8("FCA"), UTF8("gb-fca"))),
          CB_E_CERT_QC_STATEMENTS },
        { "nCAId with a NUL", SEQ(psd2(SEQ(AI_ROLE), UTF8("FCA"), UTF8("GB-FCA\0"))),
          CB_E_CERT_QC_STATEMENTS },
        { "nCAId with a digit", SEQ(psd2(SEQ(AI_ROLE), UTF8("FCA"), UTF8("GB-FC1"))),
          CB_E_CERT_QC_STATEMENTS },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_expect_eq(code_of(rows[i].der), rows[i].code, "%s", rows[i].what);
    }
}

Test(qc, counts_the_characters_of_a_name_and_not_its_bytes)
{
    char name[2 * 257];
    for (size_t i = 0; i < 257; i++) {
        memcpy(name + 2 * i, "\xc3\xa9", 2);
    }
    const struct cb_str fits = der_utf8(&arena, (struct cb_str){ name, 2 * 256 });
    const struct cb_str longer = der_utf8(&arena, (struct cb_str){ name, 2 * 257 });
    cr_expect_eq(code_of(SEQ(psd2(SEQ(AI_ROLE), fits, UTF8("GB-FCA")))), CB_E_NONE);
    cr_expect_eq(code_of(SEQ(psd2(SEQ(AI_ROLE), longer, UTF8("GB-FCA")))), CB_E_CERT_QC_STATEMENTS);
}

Test(qc, takes_every_type_that_is_named)
{
    const struct der_qc both = { .types = { DER_QC_SEAL, "0.4.0.1862.1.6.9", DER_QC_WEB } };
    struct cb_qc qc = { .roles = 0 };
    cr_assert_not(CB_FAILED(cb_qc_read(der_qc_statements(&arena, &both), &qc, NULL)));
    cr_expect(qc.compliance && qc.has_types && !qc.has_psd2);
    cr_expect_eq(qc.types, CB_QC_TYPE_SEAL | CB_QC_TYPE_WEBSITE);
}

Test(qc, names_its_roles)
{
    static const char *const names[] = { "", "PSP_AS", "PSP_PI", "PSP_AI", "PSP_IC", "" };
    for (unsigned r = 0; r <= CB_PSP__MAX; r++) {
        cr_expect_str_eq(cb_psp_role_name((enum cb_psp_role)r), names[r]);
    }
}

Test(qc, comes_from_a_certificate)
{
    static const struct der_role roles[] = { DER_PSP_AI, DER_PSP_PI, { NULL, NULL } };
    const struct der_qc web = { .types = { DER_QC_WEB }, .roles = roles, .authority_id = "DE-BAFIN" };
    const struct pki_extension more[] = { { DER_QC_STATEMENTS, der_qc_statements(&arena, &web), false },
                                          { .oid = NULL } };
    struct pki_cert *with = pki_issue(&(struct pki_spec){ .more = more });
    struct pki_cert *without = pki_issue(&(struct pki_spec){ 0 });
    struct cb_cert cert = { 0 };
    struct cb_qc qc = { .roles = 0 };
    bool stated = false;
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(with), &cert, NULL)));
    cr_assert_not(CB_FAILED(cb_cert_qc(&cert, &stated, &qc, NULL)));
    cr_expect(stated && qc.has_psd2 && qc.roles == (AI | PI) && cb_str_is(qc.authority_id, "DE-BAFIN"));
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(without), &cert, NULL)));
    cr_assert_not(CB_FAILED(cb_cert_qc(&cert, &stated, &qc, NULL)));
    cr_expect(!stated && !qc.has_psd2 && qc.roles == 0);
    pki_free(with);
    pki_free(without);
}
