#include <openssl/err.h>

#include "cert/ocsp_id.h"

static void free_x509(X509 **x)
{
    X509_free(*x);
}

static void free_id(OCSP_CERTID **id)
{
    OCSP_CERTID_free(*id);
}

static void free_request(OCSP_REQUEST **r)
{
    OCSP_REQUEST_free(*r);
}

static void free_integer(ASN1_INTEGER **i)
{
    ASN1_INTEGER_free(*i);
}

X509 *cb_ocsp_issuer(const struct cb_ocsp_subject *s)
{
    const unsigned char *p = (const unsigned char *)s->issuer.p;
    return d2i_X509(NULL, &p, (long)s->issuer.n);
}

/* The content of an INTEGER as OpenSSL's. */
static ASN1_INTEGER *integer_of(struct cb_str content)
{
    unsigned char der[2 + CB_LIMIT_SERIAL] = { V_ASN1_INTEGER, (unsigned char)content.n };
    const unsigned char *p = der;
    if (content.n == 0 || content.n > CB_LIMIT_SERIAL) {
        return NULL;
    }
    memcpy(der + 2, content.p, content.n);
    return d2i_ASN1_INTEGER(NULL, &p, (long)(2 + content.n));
}

OCSP_CERTID *cb_ocsp_id(const struct cb_ocsp_subject *s, const X509 *issuer, enum cb_ocsp_hash hash)
{
    CB_AUTO(free_integer) ASN1_INTEGER *serial = integer_of(s->serial);
    if (serial == NULL) {
        return NULL;
    }
    return OCSP_cert_id_new(hash == CB_OCSP_SHA256 ? EVP_sha256() : EVP_sha1(), X509_get_subject_name(issuer),
                            X509_get0_pubkey_bitstr(issuer), serial);
}

static cb_status add_der(OCSP_REQUEST *request, struct cb_buf *out, struct cb_err *err)
{
    const int n = i2d_OCSP_REQUEST(request, NULL);
    CB_ENSURE(n > 0, CB_E_CRYPTO, "OCSP request");
    unsigned char *p = cb_buf_space(out, (size_t)n);
    if (p != NULL) {
        (void)i2d_OCSP_REQUEST(request, &p);
    }
    return cb_buf_check(out, err);
}

cb_status cb_ocsp_request(const struct cb_ocsp_subject *s, enum cb_ocsp_hash hash,
                          const uint8_t nonce[CB_OCSP_NONCE], struct cb_buf *out, struct cb_err *err)
{
    unsigned char value[CB_OCSP_NONCE];
    memcpy(value, nonce, sizeof value);
    CB_AUTO(free_x509) X509 *issuer = cb_ocsp_issuer(s);
    CB_AUTO(free_id) OCSP_CERTID *id = issuer == NULL ? NULL : cb_ocsp_id(s, issuer, hash);
    CB_AUTO(free_request) OCSP_REQUEST *request = OCSP_REQUEST_new();
    ERR_clear_error();
    CB_ENSURE(id != NULL, CB_E_CERT_MALFORMED, "a certificate that is asked about does not decode");
    CB_ENSURE(request != NULL && OCSP_request_add0_id(request, id) != NULL, CB_E_CRYPTO, "OCSP request");
    id = NULL; /* the request's now */
    CB_TRY_OSSL(OCSP_request_add1_nonce(request, value, sizeof value), "OCSP request");
    return add_der(request, out, err);
}
