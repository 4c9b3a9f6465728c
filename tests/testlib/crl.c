#include "testlib/crl.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LIST_MAX = 256 * 1024 * 1024 };

#define NEED(cond)                                                                                           \
    do {                                                                                                     \
        if (!(cond)) {                                                                                       \
            ERR_print_errors_fp(stderr);                                                                     \
            (void)fprintf(stderr, "crl: %s:%d: %s\n", __FILE__, __LINE__, #cond);                            \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void add_length(struct cb_buf *out, size_t n)
{
    if (n < 0x80) {
        cb_buf_add_char(out, (char)n);
        return;
    }
    unsigned octets = 1;
    while (n >> (8 * octets) != 0) {
        octets++;
    }
    cb_buf_add_char(out, (char)(0x80 | octets));
    while (octets-- > 0) {
        cb_buf_add_char(out, (char)(n >> (8 * octets)));
    }
}

void crl_der(struct cb_buf *out, unsigned char identifier, struct cb_str content)
{
    cb_buf_add_char(out, (char)identifier);
    add_length(out, content.n);
    cb_buf_add_str(out, content);
}

void crl_extension(struct cb_buf *out, struct cb_str oid, bool critical, struct cb_str value)
{
    struct cb_buf content;
    cb_buf_init(&content, LIST_MAX);
    crl_der(&content, 0x06, oid);
    if (critical) {
        crl_der(&content, 0x01, CB_STR("\xff"));
    }
    crl_der(&content, 0x04, value);
    crl_der(out, 0x30, cb_buf_str(&content));
    cb_buf_done(&content);
}

void crl_entry(struct cb_buf *out, struct cb_str serial, struct cb_str extensions)
{
    char memory[512];
    struct cb_buf content;
    cb_buf_over(&content, memory, sizeof memory);
    crl_der(&content, 0x02, serial);
    crl_der(&content, 0x17, CB_STR("261231235959Z"));
    if (extensions.n > 0) {
        crl_der(&content, 0x30, extensions);
    }
    NEED(!content.failed);
    crl_der(out, 0x30, cb_buf_str(&content));
}

void crl_serial(size_t i, size_t octets, char out[CRL_SERIAL_MAX])
{
    uint64_t x = i + 1;
    for (size_t k = 0; k < octets; k++) {
        x = (x ^ (x >> 27)) * 0x9e3779b97f4a7c15U;
        out[k] = (char)(x >> 56);
    }
    out[0] = (char)((out[0] & 0x3f) | 0x40);
    if (octets >= 5) { /* no two alike */
        for (size_t k = 1; k <= 4; k++) {
            out[k] = (char)(i >> (8 * (k - 1)));
        }
    }
}

static void add_entries(struct cb_buf *out, const struct crl_spec *s)
{
    const size_t octets = s->serial_octets == 0 ? 16 : s->serial_octets;
    char serial[CRL_SERIAL_MAX];
    for (size_t i = 0; i < s->count; i++) {
        crl_serial(i, octets, serial);
        crl_entry(out, (struct cb_str){ serial, octets }, (struct cb_str){ 0 });
    }
    cb_buf_add_str(out, s->entries);
}

static void add_time(struct cb_buf *out, int64_t when)
{
    ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)when);
    unsigned char *der = NULL;
    NEED(t != NULL);
    const int n = i2d_ASN1_TIME(t, &der);
    NEED(n > 0);
    cb_buf_add(out, der, (size_t)n);
    OPENSSL_free(der);
    ASN1_TIME_free(t);
}

static EVP_MD_CTX *signing(const struct crl_spec *s)
{
    EVP_PKEY *key = s->signer != NULL ? s->signer : s->issuer->key;
    const bool has_digest = !EVP_PKEY_is_a(key, "ED25519");
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *settings = NULL;
    const char *digest = s->digest != NULL ? s->digest : "SHA256";
    NEED(ctx != NULL &&
         EVP_DigestSignInit_ex(ctx, &settings, has_digest ? digest : NULL, NULL, NULL, key, NULL) == 1);
    if (s->pss) {
        NEED(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1);
        NEED(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    return ctx;
}

/* The AlgorithmIdentifier that OpenSSL would write: an empty list signed by it tells. */
static struct cb_str algorithm_of(const struct crl_spec *s)
{
    X509_CRL *empty = X509_CRL_new();
    EVP_MD_CTX *ctx = signing(s);
    const X509_ALGOR *algorithm = NULL;
    unsigned char *der = NULL;
    NEED(empty != NULL && X509_CRL_set_issuer_name(empty, X509_get_subject_name(s->issuer->x509)) == 1);
    ASN1_TIME *t = ASN1_TIME_set(NULL, 0);
    NEED(X509_CRL_set1_lastUpdate(empty, t) == 1 && X509_CRL_sign_ctx(empty, ctx) > 0);
    X509_CRL_get0_signature(empty, NULL, &algorithm);
    const int n = i2d_X509_ALGOR(algorithm, &der);
    NEED(n > 0);
    char *copy = malloc((size_t)n);
    NEED(copy != NULL);
    memcpy(copy, der, (size_t)n);
    OPENSSL_free(der);
    ASN1_TIME_free(t);
    EVP_MD_CTX_free(ctx);
    X509_CRL_free(empty);
    return (struct cb_str){ copy, (size_t)n };
}

static void add_signed_part(struct cb_buf *out, const struct crl_spec *s, struct cb_str algorithm)
{
    struct cb_buf part, inner;
    unsigned char *name = NULL;
    cb_buf_init(&part, LIST_MAX);
    cb_buf_init(&inner, LIST_MAX);
    const int name_n = i2d_X509_NAME(X509_get_subject_name(s->issuer->x509), &name);
    NEED(name_n > 0);
    if (!s->v1) {
        crl_der(&part, 0x02, CB_STR("\x01"));
    }
    cb_buf_add_str(&part, s->inner_algorithm.n > 0 ? s->inner_algorithm : algorithm);
    cb_buf_add(&part, name, (size_t)name_n);
    add_time(&part, s->this_update != 0 ? s->this_update : PKI_NOW - 3600);
    if (!s->no_next_update) {
        add_time(&part, s->next_update != 0 ? s->next_update : PKI_NOW + 86400);
    }
    add_entries(&inner, s);
    if (inner.n > 0) {
        crl_der(&part, 0x30, cb_buf_str(&inner));
    }
    cb_buf_reset(&inner);
    if (s->extensions.p != NULL) {
        cb_buf_add_str(&inner, s->extensions);
    } else if (!s->v1) {
        crl_extension(&inner, CB_STR("\x55\x1d\x14"), false, CB_STR("\x02\x02\x01\x02"));
    }
    if (inner.n > 0) {
        struct cb_buf list;
        cb_buf_init(&list, LIST_MAX);
        crl_der(&list, 0x30, cb_buf_str(&inner));
        crl_der(&part, 0xa0, cb_buf_str(&list));
        cb_buf_done(&list);
    }
    crl_der(out, 0x30, cb_buf_str(&part));
    OPENSSL_free(name);
    cb_buf_done(&inner);
    cb_buf_done(&part);
}

char *crl_issue(const struct crl_spec *s, size_t *out_n)
{
    struct cb_buf content, list;
    const struct cb_str algorithm = algorithm_of(s);
    unsigned char signature[1024] = { 0 };
    size_t signature_n = sizeof signature - 1;
    cb_buf_init(&content, LIST_MAX);
    cb_buf_init(&list, LIST_MAX);
    add_signed_part(&content, s, algorithm);
    EVP_MD_CTX *ctx = signing(s);
    NEED(EVP_DigestSign(ctx, signature + 1, &signature_n, (const unsigned char *)content.p, content.n) == 1);
    EVP_MD_CTX_free(ctx);
    cb_buf_add_str(&content, algorithm);
    crl_der(&content, 0x03, (struct cb_str){ (const char *)signature, signature_n + 1 });
    crl_der(&list, 0x30, cb_buf_str(&content));
    cb_buf_add_str(&list, s->tail);
    NEED(!list.failed && !content.failed);
    char *der = malloc(list.n);
    NEED(der != NULL);
    memcpy(der, list.p, list.n);
    *out_n = list.n;
    cb_buf_done(&content);
    cb_buf_done(&list);
    free((void *)(uintptr_t)algorithm.p);
    return der;
}
