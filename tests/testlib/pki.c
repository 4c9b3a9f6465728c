#include "testlib/pki.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#define NEED(cond)                                                                                           \
    do {                                                                                                     \
        if (!(cond)) {                                                                                       \
            ERR_print_errors_fp(stderr);                                                                     \
            (void)fprintf(stderr, "pki: %s:%d: %s\n", __FILE__, __LINE__, #cond);                            \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

enum { DAY = 86400 };

static EVP_PKEY *new_key(const char *kind)
{
    if (kind == NULL) {
        kind = "P-256";
    }
    if (strcmp(kind, "ED25519") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, kind);
    }
    if (strncmp(kind, "RSA", 3) == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(kind + 3, NULL, 10));
    }
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
}

static void set_subject(X509 *x, const struct pki_value *v)
{
    static const struct pki_value test[] = { { .type = "CN", .value = "test" }, { .type = NULL } };
    X509_NAME *name = X509_NAME_new();
    NEED(name != NULL);
    for (v = v == NULL ? test : v; v->type != NULL; v++) {
        const int n = v->n > 0 ? v->n : (int)strlen(v->value);
        const int type = v->asn1 != 0 ? v->asn1 : V_ASN1_UTF8STRING;
        ASN1_OBJECT *oid = OBJ_txt2obj(v->type, 0);
        NEED(oid != NULL);
        X509_NAME_ENTRY *e =
            X509_NAME_ENTRY_create_by_OBJ(NULL, oid, V_ASN1_OCTET_STRING, (const unsigned char *)"x", 1);
        NEED(e != NULL);
        /* The value as it is, whatever its type allows. */
        ASN1_STRING *raw = X509_NAME_ENTRY_get_data(e);
        NEED(ASN1_STRING_set(raw, v->value, n) == 1);
        raw->type = type;
        NEED(X509_NAME_add_entry(name, e, -1, v->same_rdn ? -1 : 0) == 1);
        X509_NAME_ENTRY_free(e);
        ASN1_OBJECT_free(oid);
    }
    NEED(X509_set_subject_name(x, name) == 1);
    X509_NAME_free(name);
}

static void add_ext(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
    if (value == NULL || *value == '\0') {
        return;
    }
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    NEED(e != NULL && X509_add_ext(x, e, -1) == 1);
    X509_EXTENSION_free(e);
}

static void add_raw(X509 *x, const struct pki_extension *more)
{
    for (; more != NULL && more->oid != NULL; more++) {
        ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
        ASN1_OBJECT *oid = OBJ_txt2obj(more->oid, 1);
        NEED(value != NULL && oid != NULL);
        NEED(ASN1_OCTET_STRING_set(value, (const unsigned char *)more->value.p, (int)more->value.n) == 1);
        X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, more->critical, value);
        NEED(e != NULL && X509_add_ext(x, e, -1) == 1);
        X509_EXTENSION_free(e);
        ASN1_OBJECT_free(oid);
        ASN1_OCTET_STRING_free(value);
    }
}

static void add_extensions(X509 *x, X509 *issuer, const struct pki_spec *s)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    add_ext(x, &ctx, NID_basic_constraints,
            s->constraints != NULL ? s->constraints
            : s->ca                ? "critical,CA:TRUE"
                                   : "CA:FALSE");
    add_ext(x, &ctx, NID_key_usage,
            s->key_usage != NULL ? s->key_usage
            : s->ca              ? "critical,keyCertSign,cRLSign"
                                 : NULL);
    add_ext(x, &ctx, NID_ext_key_usage, s->eku != NULL ? s->eku : s->ca || s->no_eku ? NULL : "clientAuth");
    add_ext(x, &ctx, NID_name_constraints, s->name_constraints);
    add_ext(x, &ctx, NID_subject_alt_name, s->san);
    add_raw(x, s->more);
    if (!s->no_key_ids) {
        add_ext(x, &ctx, NID_subject_key_identifier, "hash");
        add_ext(x, &ctx, NID_authority_key_identifier, issuer == x ? NULL : "keyid:always");
    }
}

static void set_serial(X509 *x)
{
    uint64_t serial = 0;
    NEED(RAND_bytes((unsigned char *)&serial, sizeof serial) == 1);
    NEED(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1);
}

struct pki_cert *pki_issue(const struct pki_spec *s)
{
    struct pki_cert *c = calloc(1, sizeof *c);
    NEED(c != NULL);
    X509 *x = c->x509 = X509_new();
    if (s->reuse_key != NULL) {
        NEED(EVP_PKEY_up_ref(s->reuse_key) == 1);
    }
    c->key = s->reuse_key != NULL ? s->reuse_key : new_key(s->key);
    NEED(x != NULL && c->key != NULL && X509_set_version(x, X509_VERSION_3) == 1);
    set_serial(x);
    set_subject(x, s->subject);
    X509 *issuer = s->issuer == NULL ? x : s->issuer->x509;
    NEED(X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1);
    NEED(ASN1_TIME_set(X509_getm_notBefore(x),
                       (time_t)(s->not_before != 0 ? s->not_before : PKI_NOW - DAY)) != NULL);
    NEED(ASN1_TIME_set(X509_getm_notAfter(x),
                       (time_t)(s->not_after != 0 ? s->not_after : PKI_NOW + 365LL * DAY)) != NULL);
    NEED(X509_set_pubkey(x, c->key) == 1);
    add_extensions(x, issuer, s);
    EVP_PKEY *signer = s->issuer == NULL ? c->key : s->issuer->key;
    const EVP_MD *md = EVP_PKEY_is_a(signer, "ED25519")
                           ? NULL
                           : EVP_get_digestbyname(s->digest != NULL ? s->digest : "SHA256");
    NEED(X509_sign(x, signer, md) > 0);
    c->der_n = i2d_X509(x, &c->der);
    NEED(c->der_n > 0);
    return c;
}

void pki_free(struct pki_cert *c)
{
    if (c != NULL) {
        X509_free(c->x509);
        EVP_PKEY_free(c->key);
        OPENSSL_free(c->der);
        free(c);
    }
}

struct cb_str pki_der(const struct pki_cert *c)
{
    return (struct cb_str){ (const char *)c->der, (size_t)c->der_n };
}

char *pki_pem(const struct pki_cert *const *certs, size_t count)
{
    BIO *bio = BIO_new(BIO_s_mem());
    NEED(bio != NULL);
    for (size_t i = 0; i < count; i++) {
        NEED(PEM_write_bio_X509(bio, certs[i]->x509) == 1);
    }
    char *data = NULL;
    const long n = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)n);
    BIO_free(bio);
    return pem;
}
