#include "cli/demo/dev_pki.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/file.h"

struct cb_dev_authority {
    EVP_PKEY *key;
    X509 *cert;
};

enum { DAY = 24 * 3600, VALID_DAYS = 365 };

/* --- files --- */

static void auto_bio(BIO **b)
{
    BIO_free_all(*b);
}

/* BIO_s_secmem wipes what it held. */
static cb_status write_pem(int folder, const char *name, const char *suffix, unsigned mode, BIO *pem,
                           struct cb_err *err)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s%s", name, suffix);
    char *p = NULL;
    const long n = BIO_get_mem_data(pem, &p);
    CB_ENSURE(n > 0, CB_E_CRYPTO, "PEM");
    return cb_file_create(folder, path, mode, (struct cb_str){ p, (size_t)n }, err);
}

static cb_status write_cert(int folder, const char *name, X509 *cert, struct cb_err *err)
{
    CB_AUTO(auto_bio) BIO *pem = BIO_new(BIO_s_mem());
    CB_ENSURE(pem != NULL, CB_E_MEMORY, "PEM");
    CB_TRY_OSSL(PEM_write_bio_X509(pem, cert), "write certificate");
    return write_pem(folder, name, ".pem", 0644, pem, err);
}

static cb_status write_key(int folder, const char *name, const EVP_PKEY *key, struct cb_err *err)
{
    CB_AUTO(auto_bio) BIO *pem = BIO_new(BIO_s_secmem());
    CB_ENSURE(pem != NULL, CB_E_MEMORY, "PEM");
    CB_TRY_OSSL(PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL), "write key");
    return write_pem(folder, name, ".key", 0600, pem, err);
}

/* --- certificates --- */

static void auto_x509(X509 **c)
{
    X509_free(*c);
}

static void auto_pkey(EVP_PKEY **k)
{
    EVP_PKEY_free(*k);
}

static void auto_extension(X509_EXTENSION **x)
{
    X509_EXTENSION_free(*x);
}

struct extension {
    int nid;
    const char *value; /* as in openssl.cnf */
};

static const struct extension ca_extensions[] = {
    { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
    { NID_key_usage, "critical,keyCertSign,cRLSign" },
    { NID_subject_key_identifier, "hash" },
    { 0 },
};
static const struct extension server_extensions[] = {
    { NID_basic_constraints, "critical,CA:FALSE" },
    { NID_key_usage, "critical,digitalSignature" },
    { NID_ext_key_usage, "serverAuth" },
    { NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1" },
    { NID_subject_key_identifier, "hash" },
    { NID_authority_key_identifier, "keyid:always" },
    { 0 },
};
static const struct extension partner_extensions[] = {
    { NID_basic_constraints, "critical,CA:FALSE" },
    { NID_key_usage, "critical,digitalSignature" },
    { NID_ext_key_usage, "clientAuth" },
    { NID_subject_key_identifier, "hash" },
    { NID_authority_key_identifier, "keyid:always" },
    { 0 },
};
static const struct {
    const struct extension *extensions;
    const char *organisation;
} roles[] = {
    [CB_DEV_SERVER] = { server_extensions, "certbound dev" },
    [CB_DEV_PARTNER] = { partner_extensions, "certbound dev partners" },
};

static cb_status add_extensions(X509 *cert, X509 *issuer, const struct extension *all, struct cb_err *err)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    for (; all->nid != 0; all++) {
        CB_AUTO(auto_extension) X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, &ctx, all->nid, all->value);
        CB_ENSURE(x != NULL, CB_E_CRYPTO, "extension %s", all->value);
        CB_TRY_OSSL(X509_add_ext(cert, x, -1), "add extension");
    }
    return CB_OK;
}

static cb_status set_serial(X509 *cert, struct cb_err *err)
{
    uint64_t serial = 0;
    CB_TRY_OSSL(RAND_bytes((unsigned char *)&serial, sizeof serial), "random generator");
    CB_TRY_OSSL(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1 | 1), "serial number");
    return CB_OK;
}

static cb_status set_subject(X509 *cert, const char *organisation, const char *name, struct cb_err *err)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    const char *const values[][2] = { { "C", "GB" }, { "O", organisation }, { "CN", name } };
    for (size_t i = 0; i < CB_COUNT(values); i++) {
        CB_TRY_OSSL(X509_NAME_add_entry_by_txt(subject, values[i][0], MBSTRING_UTF8,
                                               (const unsigned char *)values[i][1], -1, -1, 0),
                    "subject");
    }
    return CB_OK;
}

/* An hour back, for clocks that differ. */
static cb_status set_validity(X509 *cert, int64_t now, struct cb_err *err)
{
    CB_ENSURE(ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)now - 3600) != NULL &&
                  ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)now + (time_t)VALID_DAYS * DAY) != NULL,
              CB_E_CRYPTO, "validity");
    return CB_OK;
}

/* Signed by `issuer` with `issuer_key`; issuer == NULL: by itself. */
static cb_status make_cert(const char *organisation, const char *name, const struct extension *extensions,
                           EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, int64_t now, X509 **out,
                           struct cb_err *err)
{
    CB_AUTO(auto_x509) X509 *cert = X509_new();
    CB_ENSURE(cert != NULL, CB_E_MEMORY, "certificate");
    X509 *by = issuer == NULL ? cert : issuer;
    CB_TRY_OSSL(X509_set_version(cert, X509_VERSION_3), "version");
    CB_TRY(set_serial(cert, err));
    CB_TRY(set_validity(cert, now, err));
    CB_TRY(set_subject(cert, organisation, name, err));
    CB_TRY_OSSL(X509_set_issuer_name(cert, X509_get_subject_name(by)), "issuer");
    CB_TRY_OSSL(X509_set_pubkey(cert, key), "public key");
    CB_TRY(add_extensions(cert, by, extensions, err));
    CB_ENSURE(X509_sign(cert, issuer_key, EVP_sha256()) > 0, CB_E_CRYPTO, "sign certificate");
    *out = CB_TAKE(cert);
    return CB_OK;
}

static EVP_PKEY *new_key(void)
{
    return EVP_EC_gen("P-256");
}

cb_status cb_dev_authority_new(int64_t now, struct cb_dev_authority **out, struct cb_err *err)
{
    struct cb_dev_authority *a = calloc(1, sizeof *a);
    CB_ENSURE(a != NULL, CB_E_MEMORY, "authority");
    a->key = new_key();
    if (a->key == NULL || CB_FAILED(make_cert("certbound dev", "certbound dev CA", ca_extensions, a->key,
                                              NULL, a->key, now, &a->cert, err))) {
        cb_dev_authority_free(a);
        CB_REFUSE(CB_E_CRYPTO, "certification authority");
    }
    *out = a;
    return CB_OK;
}

void cb_dev_authority_free(struct cb_dev_authority *a)
{
    if (a != NULL) {
        X509_free(a->cert);
        EVP_PKEY_free(a->key);
        free(a);
    }
}

cb_status cb_dev_authority_write(const struct cb_dev_authority *a, int folder, struct cb_err *err)
{
    return write_cert(folder, "ca", a->cert, err);
}

cb_status cb_dev_issue(const struct cb_dev_authority *a, enum cb_dev_role role, const char *name, int64_t now,
                       int folder, struct cb_err *err)
{
    CB_AUTO(auto_pkey) EVP_PKEY *key = new_key();
    CB_AUTO(auto_x509) X509 *cert = NULL;
    CB_ENSURE(key != NULL, CB_E_CRYPTO, "key of %s", name);
    CB_TRY(make_cert(roles[role].organisation, name, roles[role].extensions, key, a->cert, a->key, now, &cert,
                     err));
    CB_TRY(write_key(folder, name, key, err));
    return write_cert(folder, name, cert, err);
}
