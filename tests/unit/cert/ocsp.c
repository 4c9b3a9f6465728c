#include "cert/ocsp.h"

#include <criterion/criterion.h>
#include <openssl/ocsp.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cert/cert.h"
#include "testlib/ocsp.h"

enum { DAY = 86400 };

static const uint8_t nonce[CB_OCSP_NONCE] = "0123456789abcde";
static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value responder_name[] = { { .type = "CN", .value = "Responder" }, { .type = NULL } };
static struct cb_arena arena;
static struct pki_cert *ca, *leaf, *delegate;
static struct cb_ocsp_subject subject;

static void setup(void)
{
    struct cb_cert cert = { .der = { 0 } };
    cb_arena_init(&arena, 1 << 20);
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    leaf = pki_issue(&(struct pki_spec){ .issuer = ca });
    delegate = pki_issue(&(struct pki_spec){ .subject = responder_name, .issuer = ca, .eku = "OCSPSigning" });
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(leaf), &cert, NULL)));
    subject = (struct cb_ocsp_subject){ .serial = cert.serial, .issuer = pki_der(ca) };
}

static void teardown(void)
{
    pki_free(delegate);
    pki_free(leaf);
    pki_free(ca);
    cb_arena_done(&arena);
}

TestSuite(ocsp, .init = setup, .fini = teardown);

static enum cb_code read_bytes(struct cb_str bytes, struct cb_ocsp_answer *out)
{
    struct cb_err err = { 0 };
    (void)cb_ocsp_read(bytes, &subject, nonce, PKI_NOW, out, &err).v_;
    return err.code;
}

static enum cb_code read(struct ocsp_spec spec, struct cb_ocsp_answer *out)
{
    size_t n = 0;
    spec.issuer = spec.issuer == NULL ? ca : spec.issuer;
    spec.about = spec.about == NULL ? leaf : spec.about;
    char *der = ocsp_answer(&spec, &n);
    const enum cb_code code = read_bytes((struct cb_str){ der, n }, out);
    free(der);
    return code;
}

static enum cb_code verdict(struct ocsp_spec spec)
{
    struct cb_ocsp_answer answer = { .status = CB_OCSP_UNKNOWN };
    const enum cb_code code = read(spec, &answer);
    cr_expect_eq(code == CB_E_NONE, answer.status == CB_OCSP_GOOD);
    return code;
}

Test(ocsp, asks_by_either_digest)
{
    for (enum cb_ocsp_hash hash = CB_OCSP_SHA1; hash < CB_OCSP_HASH__MAX; hash++) {
        struct cb_buf der;
        ASN1_OBJECT *digest = NULL;
        ASN1_INTEGER *serial = NULL;
        cb_buf_init(&der, 4096);
        cr_assert_not(CB_FAILED(cb_ocsp_request(&subject, hash, nonce, &der, NULL)));
        const unsigned char *p = (const unsigned char *)der.p;
        OCSP_REQUEST *request = d2i_OCSP_REQUEST(NULL, &p, (long)der.n);
        cr_assert_not_null(request);
        cr_expect_eq(OCSP_request_onereq_count(request), 1);
        OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
        OCSP_id_get0_info(NULL, &digest, NULL, &serial, id);
        cr_expect_eq(OBJ_obj2nid(digest), hash == CB_OCSP_SHA1 ? NID_sha1 : NID_sha256);
        cr_expect_eq(ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(leaf->x509)), 0);
        cr_expect_geq(OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1), 0);
        OCSP_REQUEST_free(request);
        cb_buf_done(&der);
    }
}

Test(ocsp, does_not_ask_for_what_does_not_decode)
{
    const struct cb_ocsp_subject rows[] = {
        { .serial = subject.serial, .issuer = CB_STR("junk") },
        { .serial = CB_STR(""), .issuer = subject.issuer },
        { .serial = CB_STR("0123456789abcdef0123456789abcdefg"), .issuer = subject.issuer },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_buf der;
        struct cb_err err = { 0 };
        cb_buf_init(&der, 4096);
        cr_expect(CB_FAILED(cb_ocsp_request(&rows[i], CB_OCSP_SHA1, nonce, &der, &err)));
        cr_expect_eq(err.code, CB_E_CERT_MALFORMED);
        cb_buf_done(&der);
    }
}

Test(ocsp, reads_each_status)
{
    struct cb_ocsp_answer a = { .status = CB_OCSP_UNKNOWN };
    cr_assert_eq(read((struct ocsp_spec){ .status = V_OCSP_CERTSTATUS_GOOD }, &a), CB_E_NONE);
    cr_expect_eq(a.status, CB_OCSP_GOOD);
    cr_expect_eq(a.this_update, PKI_NOW - 600);
    cr_expect_eq(a.next_update, PKI_NOW + 3600);
    cr_expect_eq(a.delegate_n, 0);
    cr_assert_eq(read((struct ocsp_spec){ .status = V_OCSP_CERTSTATUS_UNKNOWN }, &a), CB_E_NONE);
    cr_expect_eq(a.status, CB_OCSP_UNKNOWN);
    cr_assert_eq(read((struct ocsp_spec){ .status = V_OCSP_CERTSTATUS_REVOKED }, &a), CB_E_NONE);
    cr_expect_eq(a.status, CB_OCSP_REVOKED);
    cr_expect_eq(a.revoked_at, PKI_NOW - DAY);
    cr_expect_str_eq(a.reason, "unspecified");
    cr_assert_eq(read((struct ocsp_spec){ .status = V_OCSP_CERTSTATUS_REVOKED, .reason = 1 }, &a), CB_E_NONE);
    cr_expect_str_eq(a.reason, "keyCompromise");
}

Test(ocsp, refuses_each_flaw_with_its_code)
{
    struct pki_cert *namesake = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct pki_cert *sub =
        pki_issue(&(struct pki_spec){ .subject = responder_name, .issuer = ca, .ca = true });
    struct pki_cert *other = pki_issue(&(struct pki_spec){ .issuer = ca });
    struct pki_cert *expired =
        pki_issue(&(struct pki_spec){ .issuer = ca, .eku = "OCSPSigning", .not_after = PKI_NOW - 1 });
    struct pki_cert *of_sub = pki_issue(&(struct pki_spec){ .issuer = sub, .eku = "OCSPSigning" });
    struct pki_cert *of_namesake = pki_issue(&(struct pki_spec){ .issuer = namesake, .eku = "OCSPSigning" });
    const struct {
        const char *what;
        struct ocsp_spec spec;
        enum cb_code code;
    } rows[] = {
        { "the issuer", { .about = NULL }, CB_E_NONE },
        { "the issuer, without its certificate", { .nothing_along = true }, CB_E_NONE },
        { "a delegate", { .signer = delegate }, CB_E_NONE },
        { "a delegate, not sent along", { .signer = delegate, .nothing_along = true }, CB_E_OCSP_SIGNER },
        { "by SHA-256", { .id_digest = "SHA256" }, CB_E_NONE },
        { "the nonce", { .nonce = { (const char *)nonce, sizeof nonce } }, CB_E_NONE },
        { "another nonce", { .nonce = CB_STR("0123456789abcdeX") }, CB_E_OCSP_NONCE },
        { "a shorter nonce", { .nonce = CB_STR("0123456789abcde") }, CB_E_OCSP_NONCE },
        { "tryLater", { .response_status = OCSP_RESPONSE_STATUS_TRYLATER }, CB_E_OCSP_TRY_LATER },
        { "unauthorized", { .response_status = OCSP_RESPONSE_STATUS_UNAUTHORIZED }, CB_E_OCSP_REFUSED },
        { "malformed", { .response_status = OCSP_RESPONSE_STATUS_MALFORMEDREQUEST }, CB_E_OCSP_REFUSED },
        { "SHA-1", { .digest = "SHA1" }, CB_E_OCSP_ALGORITHM },
        { "another certificate", { .about = other }, CB_E_OCSP_OTHER_CERTIFICATE },
        { "a same-named CA", { .issuer = namesake }, CB_E_OCSP_SIGNATURE },
        { "signed by a same-named CA", { .signer = namesake, .along = ca }, CB_E_OCSP_SIGNATURE },
        { "a certificate without EKU OCSPSigning", { .signer = other }, CB_E_OCSP_SIGNER },
        { "the certificate itself", { .signer = leaf }, CB_E_OCSP_SIGNER },
        { "an expired delegate", { .signer = expired }, CB_E_OCSP_SIGNER },
        { "a CA below the issuer", { .signer = sub }, CB_E_OCSP_SIGNER },
        { "a delegate of a CA below", { .signer = of_sub }, CB_E_OCSP_SIGNER },
        { "a delegate of a same-named CA", { .signer = of_namesake }, CB_E_OCSP_SIGNER },
        { "twice", { .twice = true }, CB_E_OCSP_MALFORMED },
        { "a critical extension", { .critical_extension = true }, CB_E_OCSP_MALFORMED },
        { "just now", { .this_update = PKI_NOW + CB_CLOCK_SKEW_S }, CB_E_NONE },
        { "later", { .this_update = PKI_NOW + CB_CLOCK_SKEW_S + 1 }, CB_E_OCSP_NOT_YET_VALID },
        { "ends later", { .next_update = PKI_NOW + 1 }, CB_E_NONE },
        { "ends now", { .next_update = PKI_NOW }, CB_E_OCSP_EXPIRED },
        { "ends before it began",
          { .this_update = PKI_NOW - 9, .next_update = PKI_NOW - 9 },
          CB_E_OCSP_MALFORMED },
        { "without an end, young",
          { .no_next_update = true, .this_update = PKI_NOW - CB_OCSP_AGE_S + 1 },
          CB_E_NONE },
        { "without an end, old",
          { .no_next_update = true, .this_update = PKI_NOW - CB_OCSP_AGE_S },
          CB_E_OCSP_EXPIRED },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const enum cb_code code = verdict(rows[i].spec);
        cr_expect_eq(code, rows[i].code, "%s: %s", rows[i].what, cb_code_reason(code));
    }
    pki_free(of_namesake);
    pki_free(of_sub);
    pki_free(expired);
    pki_free(other);
    pki_free(sub);
    pki_free(namesake);
}

Test(ocsp, names_a_delegate_that_could_be_revoked)
{
    struct cb_ocsp_answer a = { .status = CB_OCSP_UNKNOWN };
    struct cb_cert cert = { .der = { 0 } };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(delegate), &cert, NULL)));
    cr_assert_eq(read((struct ocsp_spec){ .signer = delegate }, &a), CB_E_NONE);
    cr_expect(cb_str_eq(cert.serial, (struct cb_str){ (const char *)a.delegate, a.delegate_n }));
    const struct pki_extension no_check[] = {
        { .oid = "1.3.6.1.5.5.7.48.1.5", .value = CB_STR("\x05\x00") },
        { .oid = NULL },
    };
    struct pki_cert *nocheck =
        pki_issue(&(struct pki_spec){ .issuer = ca, .eku = "OCSPSigning", .more = no_check });
    cr_assert_eq(read((struct ocsp_spec){ .signer = nocheck }, &a), CB_E_NONE);
    cr_expect_eq(a.delegate_n, 0);
    pki_free(nocheck);
}

/* OpenSSL reads the identifier 0x10 as 0x30 and verifies what it read: that alone may differ. */
Test(ocsp, notices_every_changed_byte)
{
    size_t n = 0;
    struct cb_ocsp_answer a = { .status = CB_OCSP_UNKNOWN };
    char *der = ocsp_answer(&(struct ocsp_spec){ .issuer = ca, .about = leaf, .nothing_along = true }, &n);
    for (size_t i = 0; i < n; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            der[i] ^= (char)(1U << bit);
            cr_expect(der[i] == 0x10 || read_bytes((struct cb_str){ der, n }, &a) != CB_E_NONE,
                      "byte %zu bit %u", i, bit);
            der[i] ^= (char)(1U << bit);
        }
        cr_expect_eq(read_bytes((struct cb_str){ der, i }, &a), CB_E_OCSP_MALFORMED, "%zu bytes", i);
    }
    free(der);
}

Test(ocsp, has_its_limit)
{
    struct cb_ocsp_answer a = { .status = CB_OCSP_UNKNOWN };
    size_t n = 0;
    char *der = ocsp_answer(&(struct ocsp_spec){ .issuer = ca, .about = leaf }, &n);
    der = realloc(der, CB_LIMIT_OCSP_RESPONSE + 1);
    memset(der + n, 0, CB_LIMIT_OCSP_RESPONSE + 1 - n);
    cr_expect_eq(read_bytes((struct cb_str){ der, n }, &a), CB_E_NONE);
    cr_expect_eq(read_bytes((struct cb_str){ der, n + 1 }, &a), CB_E_OCSP_MALFORMED, "a byte behind it");
    cr_expect_eq(read_bytes((struct cb_str){ der, CB_LIMIT_OCSP_RESPONSE + 1 }, &a), CB_E_OCSP_MALFORMED);
    free(der);
}
