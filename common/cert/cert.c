#include "cert/cert.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/limits.h"
#include "cert/name_parts.h"
#include "cert/san.h"

static cb_status seconds_of(const ASN1_TIME *t, int64_t *out, struct cb_err *err)
{
    struct tm tm = { 0 };
    CB_ENSURE(ASN1_TIME_to_tm(t, &tm) == 1, CB_E_CERT_MALFORMED, "a date of the certificate does not decode");
    *out = (int64_t)timegm(&tm);
    return CB_OK;
}

/* An empty subject is allowed: the SANs then say who it is (RFC 5280 section 4.1.2.6). */
static cb_status name_of(struct cb_arena *a, const X509_NAME *from, const struct cb_name **out,
                         struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (X509_NAME_entry_count(from) == 0) {
        return CB_OK;
    }
    CB_ENSURE(!CB_FAILED(cb_name_from_x509(a, from, out, &why)), CB_E_CERT_MALFORMED, "name: %.180s",
              why.detail);
    return CB_OK;
}

static cb_status read_fields(struct cb_arena *a, struct cb_cert *c, struct cb_err *err)
{
    const X509 *x = c->x509;
    CB_TRY(cb_x5t_of(c->der, &c->x5t, err));
    CB_TRY(seconds_of(X509_get0_notBefore(x), &c->not_before, err));
    CB_TRY(seconds_of(X509_get0_notAfter(x), &c->not_after, err));
    CB_TRY(name_of(a, X509_get_subject_name(x), &c->subject, err));
    CB_TRY(name_of(a, X509_get_issuer_name(x), &c->issuer, err));
    return cb_san_read(a, x, c->sans, err);
}

cb_status cb_cert_parse(struct cb_arena *a, struct cb_str der, struct cb_cert *out, struct cb_err *err)
{
    CB_ENSURE(der.n > 0 && der.n <= CB_LIMIT_CERTIFICATE, CB_E_CERT_MALFORMED,
              "certificate of %zu bytes, at most %zu", der.n, CB_LIMIT_CERTIFICATE);
    struct cb_cert c CB_AUTO(cb_cert_done) = { .der = cb_arena_str(a, der) };
    CB_ENSURE(c.der.p != NULL, CB_E_MEMORY, "certificate");
    const unsigned char *p = (const unsigned char *)c.der.p;
    c.x509 = d2i_X509(NULL, &p, (long)c.der.n);
    ERR_clear_error();
    CB_ENSURE(c.x509 != NULL, CB_E_CERT_MALFORMED, "the certificate does not decode");
    CB_ENSURE(p == (const unsigned char *)c.der.p + c.der.n, CB_E_CERT_MALFORMED,
              "bytes stand behind the certificate");
    CB_TRY(read_fields(a, &c, err));
    *out = c;
    c.x509 = NULL;
    return CB_OK;
}

void cb_cert_done(struct cb_cert *c)
{
    X509_free(c->x509);
    c->x509 = NULL;
}
