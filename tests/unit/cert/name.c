#include "cert/name.h"

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

TestSuite(name, .init = setup, .fini = teardown);

static const struct cb_name *parse(struct cb_str text, enum cb_code want)
{
    const struct cb_name *n = NULL;
    struct cb_err err = { 0 };
    (void)cb_name_from_text(&arena, text, &n, &err).v_;
    cr_expect_eq(err.code, want, CB_STR_FMT ": %s", CB_STR_ARG(text), err.detail);
    cr_expect_eq(n == NULL, want != CB_E_NONE);
    return n;
}

static const struct cb_name *subject_of(const struct pki_value *values)
{
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = values });
    unsigned char *der = NULL;
    const int n = i2d_X509_NAME(X509_get_subject_name(c->x509), &der);
    const struct cb_name *name = NULL;
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_name_from_der(&arena, (struct cb_str){ (char *)der, (size_t)n }, &name, &err)),
                  "%s", err.detail);
    OPENSSL_free(der);
    pki_free(c);
    return name;
}

/* The Brazilian transport certificate of the field: ten attributes, two string types. */
static const struct pki_value brazil[] = {
    { .type = "2.5.4.15", .value = "Private Organization" },
    { .type = "1.3.6.1.4.1.311.60.2.1.3", .value = "BR", .asn1 = V_ASN1_PRINTABLESTRING },
    { .type = "2.5.4.5", .value = "43142666000197", .asn1 = V_ASN1_PRINTABLESTRING },
    { .type = "C", .value = "BR", .asn1 = V_ASN1_PRINTABLESTRING },
    { .type = "O", .value = "Banco Exemplo, S.A." },
    { .type = "ST", .value = "SP" },
    { .type = "L", .value = "Sao Paulo" },
    { .type = "2.5.4.97", .value = "OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c" },
    { .type = "0.9.2342.19200300.100.1.1", .value = "bc97b8f0-cae0-4f2f-9978-d93f0e56a833" },
    { .type = "CN", .value = "web.exemplo.com.br" },
    { .type = NULL },
};

#define ORG_ID     "OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c"
#define ORG_ID_HEX "0c2a4f464242522d64373338346264302d383432662d343363352d626530322d396432623264356566633263"
#define SOFTWARE   "bc97b8f0-cae0-4f2f-9978-d93f0e56a833"

static const char *const seven[] = {
    /* OpenSSL 3.0 -nameopt RFC2253 */
    "CN=web.exemplo.com.br,UID=" SOFTWARE ",organizationIdentifier=" ORG_ID
    ",L=Sao Paulo,ST=SP,O=Banco Exemplo\\, S.A.,C=BR,serialNumber=43142666000197,jurisdictionC=BR,"
    "businessCategory=Private Organization",
    /* OpenSSL -nameopt RFC2253,oid */
    "2.5.4.3=web.exemplo.com.br,0.9.2342.19200300.100.1.1=" SOFTWARE ",2.5.4.97=" ORG_ID
    ",2.5.4.7=Sao Paulo,2.5.4.8=SP,2.5.4.10=Banco Exemplo\\, S.A.,2.5.4.6=BR,2.5.4.5=43142666000197,"
    "1.3.6.1.4.1.311.60.2.1.3=BR,2.5.4.15=Private Organization",
    /* OpenSSL oneline */
    "businessCategory = Private Organization, jurisdictionC = BR, serialNumber = 43142666000197, C = BR, "
    "O = \"Banco Exemplo, S.A.\", ST = SP, L = Sao Paulo, organizationIdentifier = " ORG_ID
    ", UID = " SOFTWARE ", CN = web.exemplo.com.br",
    /* JDK X500Principal.getName("RFC2253") */
    "CN=web.exemplo.com.br,UID=" SOFTWARE ",2.5.4.97=#" ORG_ID_HEX
    ",L=Sao Paulo,ST=SP,O=Banco Exemplo\\, S.A.,C=BR,2.5.4.5=#130e3433313432363636303030313937,"
    "1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#0c1450726976617465204f7267616e697a6174696f6e",
    /* JDK toString() */
    "CN=web.exemplo.com.br, UID=" SOFTWARE ", OID.2.5.4.97=" ORG_ID
    ", L=Sao Paulo, ST=SP, O=\"Banco Exemplo, S.A.\", C=BR, SERIALNUMBER=43142666000197, "
    "OID.1.3.6.1.4.1.311.60.2.1.3=BR, OID.2.5.4.15=Private Organization",
    /* Python cryptography rfc4514_string() */
    "CN=web.exemplo.com.br,UID=" SOFTWARE ",2.5.4.97=" ORG_ID
    ",L=Sao Paulo,ST=SP,O=Banco Exemplo\\, S.A.,C=BR,2.5.4.5=43142666000197,1.3.6.1.4.1.311.60.2.1.3=BR,"
    "2.5.4.15=Private Organization",
    /* Node.js X509Certificate.subject */
    "businessCategory=Private Organization\njurisdictionC=BR\nserialNumber=43142666000197\nC=BR\n"
    "O=Banco Exemplo\\, S.A.\nST=SP\nL=Sao Paulo\norganizationIdentifier=" ORG_ID "\nUID=" SOFTWARE
    "\nCN=web.exemplo.com.br",
};

Test(name, seven_printed_forms_are_one_name)
{
    const struct cb_name *presented = subject_of(brazil);
    uint8_t want[32], got[32];
    cr_assert_not(CB_FAILED(cb_name_hash(presented, want, NULL)));
    for (size_t i = 0; i < CB_COUNT(seven); i++) {
        const struct cb_name *registered = parse(cb_str_of(seven[i]), CB_E_NONE);
        cr_expect(cb_name_eq(registered, presented), "form %zu", i);
        cr_assert_not(CB_FAILED(cb_name_hash(registered, got, NULL)));
        cr_expect_arr_eq(got, want, 32);
    }
}

/* Whatever letter or digit of a value is changed, the name is another. */
Test(name, no_changed_character_still_matches)
{
    const struct cb_name *presented = subject_of(brazil);
    for (size_t i = 0; i < CB_COUNT(seven); i++) {
        char text[1024];
        const size_t n = strlen(seven[i]);
        memcpy(text, seven[i], n + 1);
        for (size_t k = 0; k < n; k++) {
            const char was = text[k];
            text[k] = was == 'z' ? 'q' : was == '9' ? '8' : (char)(was + 1);
            struct cb_arena a;
            cb_arena_init(&a, 1 << 16);
            const struct cb_name *other = NULL;
            if (!CB_FAILED(cb_name_from_text(&a, (struct cb_str){ text, n }, &other, NULL))) {
                /* A string type is no part of the value: #13... and #14... may say the same. */
                const bool type_only = i == 3 && k > 0 && (text[k - 1] == '#' || text[k - 2] == '#');
                cr_expect(type_only || !cb_name_eq(other, presented), "form %zu byte %zu: %s", i, k, text);
            }
            cb_arena_done(&a);
            text[k] = was;
        }
    }
}

Test(name, prints_what_reads_back_as_the_same)
{
    const struct cb_name *presented = subject_of(brazil);
    struct cb_buf b;
    cb_buf_init(&b, 2048);
    cb_name_print(presented, &b);
    cr_assert(cb_str_is(cb_buf_str(&b), seven[5]), CB_STR_FMT, CB_STR_ARG(cb_buf_str(&b)));
    cr_assert(cb_name_eq(parse(cb_buf_str(&b), CB_E_NONE), presented));
    cb_buf_done(&b);
}

static const struct {
    struct cb_str a, b;
    bool same;
} comparisons[] = {
    { CB_STR("CN=a,O=b"), CB_STR("cn=A,o=B"), true },
    { CB_STR("CN=a,O=b"), CB_STR("O=b,CN=a"), false },
    { CB_STR("CN=a,O=b"), CB_STR("CN=a"), false },
    { CB_STR("CN=a,O=b"), CB_STR("CN=a+O=b"), false },
    { CB_STR("CN=a+O=b"), CB_STR("O=b+CN=a"), true },
    { CB_STR("CN=a+O=b"), CB_STR("O=b+CN=a+OU=c"), false },
    { CB_STR("CN=a b"), CB_STR("CN=  a   b  "), true },
    { CB_STR("CN=a b"), CB_STR("CN=ab"), false },
    { CB_STR("CN=a"), CB_STR("CN=\\ a\\ "), true },
    { CB_STR("CN=a"), CB_STR("OU=a"), false },
    { CB_STR("CN=M\xc3\xbcnchen"), CB_STR("CN=m\xc3\x9cNCHEN"), true },
    { CB_STR("CN=M\xc3\xbcnchen"), CB_STR("CN=M\\C3\\BCnchen"), true },
    { CB_STR("CN=M\xc3\xbcnchen"), CB_STR("CN=Munchen"), false },
    { CB_STR("CN=\xce\xa3"), CB_STR("CN=\xcf\x83"), true },
    { CB_STR("CN=\xd0\x81"), CB_STR("CN=\xd1\x91"), true },
    { CB_STR("CN=\xce\x9f\xce\xa3"), CB_STR("CN=\xce\xbf\xcf\x82"), true }, /* final sigma */
    { CB_STR("CN=\xd2\x90"), CB_STR("CN=\xd2\x91"), true },                 /* Ukrainian */
    { CB_STR("CN=\xc8\x9a"), CB_STR("CN=\xc8\x9b"), true },                 /* Romanian */
    { CB_STR("CN=\xc3\x97"), CB_STR("CN=\xc3\xb7"), false },                /* times, divide */
    { CB_STR("CN=Stra\xc3\x9f"
             "e"),
      CB_STR("CN=Strasse"), false },
    { CB_STR("CN=\xc3\xbc"), CB_STR("CN=u\xcc\x88"), false }, /* no NFKC */
    { CB_STR("CN=a b"),
      CB_STR("CN=\xc2\xa0"
             "a\xe2\x80\x89\xe3\x80\x80"
             "b"),
      true }, /* other spaces */
    { CB_STR("CN=ab"),
      CB_STR("CN=a\xc2\xad\xe2\x80\x8b"
             "b\xef\xbb\xbf"),
      true }, /* not seen */
    { CB_STR("CN=a b"), CB_STR("CN=a \xe2\x80\x8b b"), true },
    { CB_STR("1.2.3.4=ab"),
      CB_STR("1.2.3.4=a\xc2\xad"
             "b"),
      false },
    { CB_STR("1.2.3.4=A"), CB_STR("1.2.3.4=a"), false },
    { CB_STR("1.2.3.4=a"), CB_STR("OID.1.2.3.4=#0c0161"), true },
    { CB_STR("1.2.3.4=#030200ff"), CB_STR("1.2.3.4=#030200FF"), true },
    { CB_STR("1.2.3.4=#030200ff"), CB_STR("1.2.3.4=\\#030200ff"), false },
    { CB_STR("E=a@b.c"), CB_STR("emailAddress=A@B.C"), true },
    { CB_STR("O=a\\+b\\,c\\\"d\\\\e"), CB_STR("O=\"a+b,c\\\"d\\\\e\""), true },
    { CB_STR("CN=a=b"), CB_STR("CN=a\\=b"), true },
    { CB_STR("C=GB\nO=x\nCN=y"), CB_STR("CN=y,O=x,C=GB"), true },
    { CB_STR("CN=y, O=x, C=GB"), CB_STR("CN=y,O=x,C=GB"), true }, /* the JDK's form */
    { CB_STR("2.25.340282366920938463463374607431768211455=a"),
      CB_STR("oid.2.25.340282366920938463463374607431768211455=a"), true },
    { CB_STR("C = GB, O = x + OU = z, CN = y"), CB_STR("CN=y,OU=z+O=x,C=GB"), true },
    { CB_STR("C=GB\nO=x + OU=z\nCN=y\n"), CB_STR("CN=y,OU=z+O=x,C=GB"), true },
};

Test(name, compares_by_rule)
{
    for (size_t i = 0; i < CB_COUNT(comparisons); i++) {
        const struct cb_name *a = parse(comparisons[i].a, CB_E_NONE), *b = parse(comparisons[i].b, CB_E_NONE);
        uint8_t ha[32], hb[32];
        cr_expect_eq(cb_name_eq(a, b), comparisons[i].same, "row %zu", i);
        cr_expect_eq(cb_name_eq(b, a), comparisons[i].same, "row %zu", i);
        cr_assert(!CB_FAILED(cb_name_hash(a, ha, NULL)) && !CB_FAILED(cb_name_hash(b, hb, NULL)));
        cr_expect_eq(memcmp(ha, hb, 32) == 0, comparisons[i].same, "row %zu", i);
    }
}

/* The third is an issuer's: what it holds too is the same, and says nothing. */
static const struct {
    const char *a, *b, *common;
    size_t same, differ;
} likenesses[] = {
    { "CN=x,O=y,C=GB", "CN=x,O=y,C=GB", NULL, 3, 0 },
    { "CN=x,O=y,C=GB", "cn=X,O=z,C=GB", NULL, 2, 1 },
    { "CN=x,O=y,C=GB", "cn=X,O=z,C=GB", "CN=CA,C=gb", 1, 1 },
    { "CN=x,O=y,C=GB", "CN=x,O=y,C=GB", "CN=x,O=y,C=GB", 0, 0 },
    { "CN=x,O=y", "C=GB,CN=x", NULL, 1, 1 },     /* wherever they stand */
    { "CN=x,CN=x,O=y", "CN=x,O=y", NULL, 2, 1 }, /* each stands for one */
    { "CN=x+O=y", "CN=x,O=y", NULL, 0, 2 },
    { "CN=x", "O=y,C=GB", NULL, 0, 2 },
};

Test(name, says_how_alike_two_are)
{
    for (size_t i = 0; i < CB_COUNT(likenesses); i++) {
        const struct cb_name *a = parse(cb_str_of(likenesses[i].a), CB_E_NONE);
        const struct cb_name *b = parse(cb_str_of(likenesses[i].b), CB_E_NONE), *common = NULL;
        if (likenesses[i].common != NULL) {
            common = parse(cb_str_of(likenesses[i].common), CB_E_NONE);
        }
        const struct cb_name_likeness one = cb_name_compare(a, b, common);
        const struct cb_name_likeness other = cb_name_compare(b, a, common);
        cr_expect(one.same == likenesses[i].same && one.differ == likenesses[i].differ, "row %zu", i);
        cr_expect(other.same == one.same && other.differ == one.differ, "row %zu the other way", i);
    }
}

Test(name, refuses_what_is_no_name)
{
    static const struct cb_str bad[] = {
        CB_STR(""),
        CB_STR("   "),
        CB_STR("CN"),
        CB_STR("CN="),
        CB_STR("CN=  "),
        CB_STR("=a"),
        CB_STR("CN=a,"),
        CB_STR("CN=a+"),
        CB_STR(",CN=a"),
        CB_STR("CN=a,,O=b"),
        CB_STR("XY=a"),
        CB_STR("CN=a;O=b"),
        CB_STR("CN=<a>"),
        CB_STR("CN=a\\"),
        CB_STR("CN=a\\x"),
        CB_STR("CN=a\\0"),
        CB_STR("CN=\"a"),
        CB_STR("CN=\"a\"b"),
        CB_STR("CN=a\"b"),
        CB_STR("CN=#"),
        CB_STR("CN=#0c"),
        CB_STR("CN=#0c0261"),
        CB_STR("CN=#0c016162"),
        CB_STR("CN=#0c016"),
        CB_STR("CN=#zz"),
        CB_STR("CN=#0500"),
        CB_STR("CN=a\\00b"),
        CB_STR("CN=a\0b"),
        CB_STR("CN=a\tb"),
        CB_STR("CN=a\xff"),
        CB_STR("CN=a\\FF"),
        CB_STR("CN=#0c0100"),
        CB_STR("CN=a\xc2\x85"
               "b"),
        CB_STR("CN=#1e020090"),
        CB_STR("CN=\xe2\x80\x8b"),
        CB_STR("3.5=a"),
        CB_STR("CN=a,\nO=b"),
        CB_STR("CN=a\n\nO=b"),
        CB_STR("CN=a\r\nO=b"),
        CB_STR("/C=GB/O=b"),
        CB_STR("CN=#0c01ff"),
        CB_STR("2=a"),
        CB_STR("2.05.4=a"),
        CB_STR("2..5=a"),
        CB_STR("OID.=a"),
        CB_STR("CN = a, O=b"),
        CB_STR("CN=a, O = b"),
        CB_STR("CN=#1301ff"),
    };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        (void)parse(bad[i], CB_E_DN);
    }
}

Test(name, bounds_text_and_values)
{
    char text[CB_LIMIT_DN + 2];
    memset(text, 'a', sizeof text);
    memcpy(text, "CN=", 3);
    (void)parse((struct cb_str){ text, CB_LIMIT_DN }, CB_E_NONE);
    (void)parse((struct cb_str){ text, CB_LIMIT_DN + 1 }, CB_E_DN);

    size_t n = 0;
    for (int i = 0; i <= CB_LIMIT_RDN_PAIRS; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%sCN=a", i > 0 ? "," : "");
    }
    (void)parse((struct cb_str){ text, n }, CB_E_DN);
    (void)parse((struct cb_str){ text, n - 5 }, CB_E_NONE);
}

Test(name, decodes_every_string_type)
{
    static const struct pki_value types[][2] = {
        { { .type = "O", .value = "M\xc3\xbcnchen" } },
        { { .type = "O", .value = "M\xfcnchen", .asn1 = V_ASN1_T61STRING } },
        { { .type = "O", .value = "\0M\0\xfc\0n\0c\0h\0e\0n", .n = 14, .asn1 = V_ASN1_BMPSTRING } },
        { { .type = "O",
            .value = "\0\0\0M\0\0\0\xfc\0\0\0n\0\0\0c\0\0\0h\0\0\0e\0\0\0n",
            .n = 28,
            .asn1 = V_ASN1_UNIVERSALSTRING } },
    };
    const struct cb_name *registered = parse(CB_STR("O=M\xc3\xbcnchen"), CB_E_NONE);
    for (size_t i = 0; i < CB_COUNT(types); i++) {
        cr_expect(cb_name_eq(subject_of(types[i]), registered), "type %zu", i);
    }
}

Test(name, refuses_der_that_lies)
{
    /* What OpenSSL would not write is patched into the DER. */
    static const struct pki_value honest[] = { { .type = "O", .value = "aZq" }, { .type = NULL } };
    static const char *const lies[] = {
        "\x0c\x03"
        "a\0b", /* NUL */
        "\x0c\x03"
        "a\x01b", /* a control character */
        "\x0c\x03"
        "a\xff"
        "b", /* no UTF-8 */
        "\x13\x03"
        "a\xff"
        "b", /* no PrintableString */
        "\x16\x03"
        "a\xff"
        "b", /* no IA5String */
        "\x1e\x03"
        "abc", /* BMPString of an odd length */
    };
    for (size_t i = 0; i < CB_COUNT(lies); i++) {
        struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = honest });
        for (char *at = (char *)c->der; (at = memmem(at, (size_t)(c->der + c->der_n - (unsigned char *)at),
                                                     "\x0c\x03"
                                                     "aZq",
                                                     5)) != NULL;) {
            memcpy(at, lies[i], 5);
        }
        struct cb_cert parsed = { 0 };
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &parsed, &err)), "row %zu", i);
        cr_expect_eq(err.code, CB_E_CERT_MALFORMED, "row %zu: %s", i, err.detail);
        pki_free(c);
    }
    const struct cb_name *name = NULL;
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_name_from_der(&arena, CB_STR("0\0"), &name, &err)));
    cr_expect_eq(err.code, CB_E_DN);
}

/* The operator sees where, and what was not understood. */
Test(name, says_where_it_went_wrong)
{
    static const struct {
        const char *text, *detail;
    } rows[] = {
        { "/C=GB/CN=a", "with slashes between its RDNs a name is ambiguous: write RFC 4514, as `openssl x509 "
                        "-subject -nameopt "
                        "RFC2253` prints it" },
        { "subject=CN = a", "\"subject=\" is no part of the name: leave it out" },
        { "CN=a,XY=b", "attribute type \"XY\" at byte 5 is not known: write its OID" },
        { "CN=a,O", "attribute type without \"=\" at byte 5" },
        { "CN=a,O=b;c", "character at byte 8 must be escaped" },
        { "CN=a,O=\\zz", "escape at byte 7 is not one of RFC 4514" },
        { "CN=a,O=#0c05", "hex value at byte 7 does not decode" },
        { "CN=a,O=\"b\"c", "something stands behind the value at byte 10" },
        { "CN=a,O=\\00", "at byte 7: value 2 is empty, not UTF-8, or holds a control character" },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_name *n = NULL;
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_name_from_text(&arena, cb_str_of(rows[i].text), &n, &err)));
        cr_expect_eq(err.code, CB_E_DN);
        cr_expect_str_eq(err.detail, rows[i].detail);
    }
}

Test(name, a_der_name_of_64_kb_is_refused_unread)
{
    static char der[64 * 1024];
    const struct cb_name *n = NULL;
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_name_from_der(&arena, (struct cb_str){ der, sizeof der }, &n, &err)));
    cr_expect_eq(err.code, CB_E_DN);
    cr_expect_eq(arena.used, 0);
    cb_err_clear(&err);
    cr_expect(CB_FAILED(cb_name_from_text(&arena, (struct cb_str){ der, sizeof der }, &n, &err)));
    cr_expect_eq(err.code, CB_E_DN);
    cr_expect_eq(arena.used, 0);
}

static const char *explained(const char *registered, const char *presented)
{
    static char text[256];
    struct cb_buf b;
    cb_buf_over(&b, text, sizeof text);
    cb_name_explain(parse(cb_str_of(registered), CB_E_NONE), parse(cb_str_of(presented), CB_E_NONE), &b);
    cb_buf_add_char(&b, '\0');
    return text;
}

Test(name, explains_which_rdn_differs)
{
    cr_expect_str_eq(explained("CN=a,O=b", "CN=A,O=b"), "");
    cr_expect_str_eq(explained("CN=a,O=Acme,C=GB", "CN=a,O=Acme Ltd,C=GB"),
                     "RDN 2: registered O=Acme, certificate O=Acme Ltd");
    cr_expect_str_eq(explained("O=b,CN=a", "CN=a,O=b"),
                     "the registered name has the certificate's RDNs in reverse order");
    /* Two o with a dot below: the cut is between characters, and the line is short. */
    static const char filler[] = "1234567890123456789012345678901234567890123456789012345678901234567";
    char a[128], b[128], want[192];
    (void)snprintf(a, sizeof a,
                   "CN=%s\xe1\xbb\x8d\xe1\xbb\x8d"
                   "a",
                   filler);
    (void)snprintf(b, sizeof b,
                   "CN=%s\xe1\xbb\x8d\xe1\xbb\x8d"
                   "b",
                   filler);
    (void)snprintf(want, sizeof want, "RDN 1: registered CN=%s..., certificate CN=%s...", filler, filler);
    cr_expect_str_eq(explained(a, b), want);
    cr_expect_str_eq(explained("CN=a", "CN=a,O=b"), "RDN 2: certificate O=b, not registered");
    cr_expect_str_eq(explained("CN=a,OU=x,O=b", "CN=a,O=b"),
                     "RDN 2: registered OU=x, not in the certificate");
    cr_expect_str_eq(explained("CN=a,O=b,C=GB", "CN=b,O=b,C=DE"),
                     "RDN 1: registered CN=a, certificate CN=b; RDN 3: registered C=GB, certificate C=DE");
    cr_expect_str_eq(explained("CN=a,O=b,L=c", "O=b,CN=a,L=c"),
                     "the registered name has the certificate's RDNs in another order");
    cr_expect_str_eq(
        explained("CN=a,CN=a,O=b", "CN=a,O=b,O=b"),
        "RDN 1: registered CN=a, not in the certificate; RDN 2: certificate O=b, not registered");
    cr_expect_str_eq(explained("CN=a+UID=1,O=b", "CN=a,O=b"),
                     "RDN 1: registered UID=1+CN=a, certificate CN=a");
    cr_expect_str_eq(explained("CN=a", "2.5.4.97=a"), "RDN 1: registered CN=a, certificate 2.5.4.97=a");
}

/* What does not fit is left out whole. */
Test(name, explains_as_much_as_the_buffer_holds)
{
    char memory[100];
    struct cb_buf b;
    cb_buf_over(&b, memory, sizeof memory);
    cb_name_explain(parse(CB_STR("CN=a,OU=a,O=a,L=a"), CB_E_NONE),
                    parse(CB_STR("CN=b,OU=b,O=b,L=b"), CB_E_NONE), &b);
    cr_expect_not(b.failed);
    cr_expect(
        cb_str_is(cb_buf_str(&b),
                  "RDN 1: registered CN=a, certificate CN=b; RDN 2: registered OU=a, certificate OU=b"));
}

static const char ambiguous[] =
    "with \", \" between its RDNs the order of the name is ambiguous: it may be the JDK's or OpenSSL's; "
    "write RFC 4514, the last RDN first and \",\" alone";

/* OpenSSL's form of 3.2 and later, and names that could be that as well as the JDK's. */
Test(name, refuses_an_order_that_it_would_have_to_guess)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "C=GB, O=x, CN=y", false },
        { "C=BR, O=b, ST=SP, L=c, organizationIdentifier=OFBBR-1, UID=2, CN=d", false },
        { "DC=com, DC=example, CN=y", false },
        { "O=x, O=y", false },
        { "serialNumber=1, UID=2", false },
        { "O=x,C=GB, CN=y", false }, /* one space is enough */
        { "O=x,  CN=y", false },
        { "CN=y, O=x, C=GB", true },
        { "CN=y, UID=2, organizationIdentifier=OFBBR-1, L=c, ST=SP, O=b, C=BR", true },
        { "CN=y, DC=example, DC=com", true },
        { "CN=\"a, b\"", true }, /* no separator */
        { "CN=a\\, b,C=GB", true },
        { "C=GB,O=x,CN=y", true }, /* RFC 4514, whatever it says */
        { "C = GB, O = x, CN = y", true },
        { "CN=y", true },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct cb_name *name = NULL;
        struct cb_err err = { 0 };
        const cb_status st = cb_name_from_text(&arena, cb_str_of(rows[i].text), &name, &err);
        cr_expect_eq(CB_FAILED(st), !rows[i].good, "%s: %s", rows[i].text, err.detail);
        cr_expect_eq(err.code, rows[i].good ? CB_E_NONE : CB_E_DN, "%s", rows[i].text);
        cr_expect_str_eq(err.detail, rows[i].good ? "" : ambiguous, "%s", rows[i].text);
    }
}
