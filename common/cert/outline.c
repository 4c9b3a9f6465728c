#include "cert/outline.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <time.h>

#include "cert/der.h"

/* TBSCertificate. */
enum field {
    VERSION,
    SERIAL,
    ALGORITHM,
    ISSUER,
    VALIDITY,
    SUBJECT,
    PUBLIC_KEY,
    ISSUER_ID,
    SUBJECT_ID,
    EXTENSIONS,
    FIELD__MAX
};

static const struct {
    unsigned char identifier;
    bool optional;
} layout[FIELD__MAX] = {
    [VERSION] = { 0xa0, true },
    [SERIAL] = { CB_DER_INTEGER, false },
    [ALGORITHM] = { CB_DER_SEQUENCE, false },
    [ISSUER] = { CB_DER_SEQUENCE, false },
    [VALIDITY] = { CB_DER_SEQUENCE, false },
    [SUBJECT] = { CB_DER_SEQUENCE, false },
    [PUBLIC_KEY] = { CB_DER_SEQUENCE, false },
    [ISSUER_ID] = { 0x81, true },
    [SUBJECT_ID] = { 0x82, true },
    [EXTENSIONS] = { 0xa3, true },
};

struct element {
    struct cb_str whole, content;
};

static bool read_tbs(struct cb_str tbs, struct element out[FIELD__MAX])
{
    for (enum field f = VERSION; f < FIELD__MAX; f++) {
        const char *from = tbs.p;
        if (cb_der_take(&tbs, layout[f].identifier, &out[f].content)) {
            out[f].whole = (struct cb_str){ from, (size_t)(tbs.p - from) };
        } else if (!layout[f].optional) {
            return false;
        }
    }
    return tbs.n == 0;
}

static cb_status read_elements(struct cb_str der, struct element out[FIELD__MAX], struct cb_err *err)
{
    struct cb_str cert = { 0 }, tbs = { 0 }, algorithm = { 0 }, signature = { 0 };
    CB_ENSURE(cb_der_take(&der, CB_DER_SEQUENCE, &cert), CB_E_CERT_MALFORMED,
              "the certificate does not decode");
    CB_ENSURE(der.n == 0, CB_E_CERT_MALFORMED, "%zu bytes stand behind the certificate", der.n);
    CB_ENSURE(cb_der_take(&cert, CB_DER_SEQUENCE, &tbs) && read_tbs(tbs, out) &&
                  cb_der_take(&cert, CB_DER_SEQUENCE, &algorithm) &&
                  cb_der_take(&cert, CB_DER_BIT_STRING, &signature) && cert.n == 0,
              CB_E_CERT_MALFORMED, "the certificate does not decode");
    return CB_OK;
}

static void free_time(ASN1_TIME **t)
{
    ASN1_TIME_free(*t);
}

static cb_status read_time(struct cb_str *validity, int64_t *out, struct cb_err *err)
{
    struct tm tm = { 0 };
    const unsigned char *p = (const unsigned char *)validity->p;
    CB_AUTO(free_time) ASN1_TIME *t = d2i_ASN1_TIME(NULL, &p, (long)validity->n);
    ERR_clear_error();
    CB_ENSURE(t != NULL && ASN1_TIME_to_tm(t, &tm) == 1, CB_E_CERT_MALFORMED,
              "a date of the certificate does not decode");
    const size_t used = (size_t)((const char *)p - validity->p);
    *validity = (struct cb_str){ validity->p + used, validity->n - used };
    *out = (int64_t)timegm(&tm);
    return CB_OK;
}

cb_status cb_outline_read(struct cb_str der, struct cb_outline *out, struct cb_err *err)
{
    struct element fields[FIELD__MAX] = { { { 0 }, { 0 } } };
    CB_TRY(read_elements(der, fields, err));
    struct cb_outline o = {
        .serial = fields[SERIAL].content,
        .issuer = fields[ISSUER].whole,
        .subject = fields[SUBJECT].whole,
        .public_key = fields[PUBLIC_KEY].whole,
        .extensions = fields[EXTENSIONS].content,
    };
    struct cb_str validity = fields[VALIDITY].content;
    CB_TRY(read_time(&validity, &o.not_before, err));
    CB_TRY(read_time(&validity, &o.not_after, err));
    CB_ENSURE(validity.n == 0, CB_E_CERT_MALFORMED, "the validity holds more than two dates");
    *out = o;
    return CB_OK;
}
