#include "testlib/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NEED(cond)                                                                                           \
    do {                                                                                                     \
        if (!(cond)) {                                                                                       \
            ERR_print_errors_fp(stderr);                                                                     \
            (void)fprintf(stderr, "ocsp: %s:%d: %s\n", __FILE__, __LINE__, #cond);                           \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void add_critical(OCSP_BASICRESP *basic)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.3.4", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    NEED(oid != NULL && value != NULL &&
         ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05\x00", 2) == 1);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
    NEED(e != NULL && OCSP_BASICRESP_add_ext(basic, e, -1) == 1);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

static void add_status(OCSP_BASICRESP *basic, const struct ocsp_spec *s, const char *digest)
{
    const int64_t from = s->this_update != 0 ? s->this_update : PKI_NOW - 600;
    const int64_t to = s->next_update != 0 ? s->next_update : PKI_NOW + 3600;
    ASN1_TIME *this_update = ASN1_GENERALIZEDTIME_set(NULL, (time_t)from);
    ASN1_TIME *next_update = s->no_next_update ? NULL : ASN1_GENERALIZEDTIME_set(NULL, (time_t)to);
    ASN1_TIME *revoked = ASN1_GENERALIZEDTIME_set(NULL, PKI_NOW - 86400);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_get_digestbyname(digest), s->about->x509, s->issuer->x509);
    NEED(id != NULL);
    NEED(OCSP_basic_add1_status(basic, id, s->status,
                                s->reason == 0 ? OCSP_REVOKED_STATUS_NOSTATUS : s->reason, revoked,
                                this_update, next_update) != NULL);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(revoked);
    ASN1_TIME_free(next_update);
    ASN1_TIME_free(this_update);
}

static OCSP_BASICRESP *basic_of(const struct ocsp_spec *s)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    const struct pki_cert *signer = s->signer != NULL ? s->signer : s->issuer;
    NEED(basic != NULL);
    add_status(basic, s, s->id_digest != NULL ? s->id_digest : "SHA1");
    if (s->twice) {
        add_status(basic, s, "SHA256");
    }
    if (s->nonce.n > 0) {
        unsigned char nonce[64];
        memcpy(nonce, s->nonce.p, s->nonce.n);
        NEED(OCSP_basic_add1_nonce(basic, nonce, (int)s->nonce.n) == 1);
    }
    if (s->critical_extension) {
        add_critical(basic);
    }
    const EVP_MD *md = EVP_get_digestbyname(s->digest != NULL ? s->digest : "SHA256");
    const bool bare = s->nothing_along || s->along != NULL;
    NEED(OCSP_basic_sign(basic, signer->x509, signer->key, md, NULL, bare ? OCSP_NOCERTS : 0) == 1);
    if (s->along != NULL) {
        NEED(OCSP_basic_add1_cert(basic, s->along->x509) == 1);
    }
    return basic;
}

char *ocsp_answer(const struct ocsp_spec *s, size_t *out_n)
{
    OCSP_BASICRESP *basic = s->response_status == 0 ? basic_of(s) : NULL;
    OCSP_RESPONSE *response = OCSP_response_create(s->response_status, basic);
    unsigned char *der = NULL;
    NEED(response != NULL);
    const int n = i2d_OCSP_RESPONSE(response, &der);
    NEED(n > 0);
    char *copy = malloc((size_t)n);
    NEED(copy != NULL);
    memcpy(copy, der, (size_t)n);
    *out_n = (size_t)n;
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    return copy;
}
