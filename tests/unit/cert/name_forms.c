/* What tools printed of one certificate whose values need every kind of escape. */
#include <criterion/criterion.h>

#include "cert/cert.h"
#include "testlib/pki.h"

#define BANK                                                                                                 \
    "Gro\xc3\x9f"                                                                                            \
    "e \"Bank\" <x> ; #1\\z, GmbH + Co=1"
#define MUNICH  "M\xc3\xbcnchen"
#define MARIA   "\xd0\x9c\xd0\xb0\xd1\x80\xd0\xb8\xd1\x8f"
#define ACME    "A\xc4\x8dme"
#define UNKNOWN "\xc3\x9cnknown, x"

static const struct pki_value subject[] = {
    { .type = "C", .value = "DE", .asn1 = V_ASN1_PRINTABLESTRING },
    { .type = "O", .value = BANK },
    { .type = "OU", .value = "#lead " MUNICH },
    { .type = "title", .value = "Dr, x", .same_rdn = true },
    { .type = "emailAddress", .value = "a@b.example", .asn1 = V_ASN1_IA5STRING },
    { .type = "postalCode", .value = " 80331 " },
    { .type = "1.2.3.4.5", .value = UNKNOWN },
    { .type = "SN", .value = MARIA },
    { .type = "CN", .value = ACME " = y" },
    { .type = NULL },
};

static const char *const printed[] = {
    /* OpenSSL 3.0 -nameopt RFC2253 */
    "CN=A\\C4\\8Dme = y,SN=\\D0\\9C\\D0\\B0\\D1\\80\\D0\\B8\\D1\\8F,"
    "1.2.3.4.5=#0C0BC39C6E6B6E6F776E2C2078,postalCode=\\ 80331\\ ,emailAddress=a@b.example,"
    "OU=\\#lead M\\C3\\BCnchen+title=Dr\\, x,"
    "O=Gro\\C3\\9Fe \\\"Bank\\\" \\<x\\> \\; #1\\\\z\\, GmbH \\+ Co=1,C=DE",
    /* OpenSSL 3.0 -nameopt RFC2253,oid */
    "2.5.4.3=A\\C4\\8Dme = y,2.5.4.4=\\D0\\9C\\D0\\B0\\D1\\80\\D0\\B8\\D1\\8F,"
    "1.2.3.4.5=#0C0BC39C6E6B6E6F776E2C2078,2.5.4.17=\\ 80331\\ ,1.2.840.113549.1.9.1=a@b.example,"
    "2.5.4.11=\\#lead M\\C3\\BCnchen+2.5.4.12=Dr\\, x,"
    "2.5.4.10=Gro\\C3\\9Fe \\\"Bank\\\" \\<x\\> \\; #1\\\\z\\, GmbH \\+ Co=1,2.5.4.6=DE",
    /* JDK 17 X500Principal.getName("RFC2253") */
    "CN=" ACME " \\= y,2.5.4.4=#0c0ad09cd0b0d180d0b8d18f,1.2.3.4.5=#0c0bc39c6e6b6e6f776e2c2078,"
    "2.5.4.17=#0c0720383033333120,1.2.840.113549.1.9.1=#160b6140622e6578616d706c65,"
    "2.5.4.12=#0c0544722c2078+OU=\\#lead " MUNICH ","
    "O=Gro\xc3\x9f"
    "e \\\"Bank\\\" \\<x\\> \\; \\#1\\\\z\\, GmbH \\+ Co\\=1,C=DE",
    /* JDK 17 toString() */
    "CN=\"" ACME " = y\", SURNAME=" MARIA ", OID.1.2.3.4.5=\"" UNKNOWN "\", OID.2.5.4.17=\" 80331 \", "
    "EMAILADDRESS=a@b.example, T=\"Dr, x\" + OU=\"#lead " MUNICH "\", "
    "O=\"Gro\xc3\x9f"
    "e \\\"Bank\\\" <x> ; #1\\\\z, GmbH + Co=1\", C=DE",
    /* JDK 17 getName("RFC1779") */
    "CN=\"" ACME " = y\", OID.2.5.4.4=" MARIA ", OID.1.2.3.4.5=\"" UNKNOWN "\", OID.2.5.4.17=\" 80331 \", "
    "OID.1.2.840.113549.1.9.1=a@b.example, OID.2.5.4.12=\"Dr, x\" + OU=\"#lead " MUNICH "\", "
    "O=\"Gro\xc3\x9f"
    "e \\\"Bank\\\" <x> ; #1\\\\z, GmbH + Co=1\", C=DE",
    /* Python cryptography 38 rfc4514_string() */
    "CN=" ACME " = y,2.5.4.4=" MARIA ",1.2.3.4.5=\xc3\x9cnknown\\, x,2.5.4.17=\\ 80331\\ ,"
    "1.2.840.113549.1.9.1=a@b.example,OU=\\#lead " MUNICH "+2.5.4.12=Dr\\, x,"
    "O=Gro\xc3\x9f"
    "e \\\"Bank\\\" \\<x\\> \\; #1\\\\z\\, GmbH \\+ Co=1,C=DE",
    /* Node.js 20 X509Certificate.subject */
    "C=DE\nO=Gro\xc3\x9f"
    "e \\\"Bank\\\" \\<x\\> \\; #1\\\\z\\, GmbH \\+ Co=1\n"
    "title=Dr\\, x + OU=\\#lead " MUNICH "\nemailAddress=a@b.example\npostalCode=\\ 80331\\ \n"
    "1.2.3.4.5=\xc3\x9cnknown\\, x\nSN=" MARIA "\nCN=" ACME " = y",
};

/* OpenSSL's oneline form leaves a quote inside of quotes as it is, so that nobody can read it back. */
static const char oneline[] = "C = DE, O = \"Gro\\C3\\9Fe \"Bank\" <x> ; #1\\\\z, GmbH + Co=1\"";

Test(name_forms, are_read_back_with_all_their_escapes)
{
    struct cb_arena a;
    struct cb_cert cert = { 0 };
    cb_arena_init(&a, 1 << 20);
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = subject });
    cr_assert_not(CB_FAILED(cb_cert_parse(&a, pki_der(c), &cert, NULL)));
    for (size_t i = 0; i < CB_COUNT(printed); i++) {
        const struct cb_name *name = NULL;
        struct cb_err err = { 0 };
        (void)cb_name_from_text(&a, cb_str_of(printed[i]), &name, &err).v_;
        cr_expect_eq(err.code, CB_E_NONE, "form %zu: %s", i, err.detail);
        cr_expect(name != NULL && cb_name_eq(name, cert.subject), "form %zu", i);
    }
    const struct cb_name *none = NULL;
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_name_from_text(&a, cb_str_of(oneline), &none, &err)));
    cr_expect_eq(err.code, CB_E_DN);
    pki_free(c);
    cb_arena_done(&a);
}
