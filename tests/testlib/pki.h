/* Certificates for tests, made on the spot. A failure to make one ends the test program. */
#ifndef PKI_H
#define PKI_H

#include <openssl/x509.h>
#include <stdint.h>

#include "base/str.h"

struct pki_cert {
    X509 *x509;
    EVP_PKEY *key;
    unsigned char *der;
    int der_n;
};

struct pki_value {
    const char *type; /* short name or dotted OID */
    const char *value;
    int asn1;      /* V_ASN1_...; 0: UTF8String */
    int n;         /* bytes of value; 0: strlen */
    bool same_rdn; /* joins the RDN before it */
};

struct pki_extension {
    const char *oid;
    struct cb_str value; /* DER */
    bool critical;
};

/* Zeroed members take the defaults that stand behind them. */
struct pki_spec {
    const struct pki_value *subject; /* ended by a row without type; NULL: CN=test */
    const struct pki_cert *issuer;   /* itself */
    bool ca;                         /* a leaf */
    const char *key;                 /* "P-256"; also "P-224", "P-384", "RSA1024", "RSA2048", "ED25519" */
    EVP_PKEY *reuse_key;             /* a new key */
    const char *digest;              /* "SHA256" */
    int64_t not_before, not_after;   /* PKI_NOW - 1 day, PKI_NOW + 1 year */
    const char *san, *eku, *key_usage, *constraints, *name_constraints; /* OpenSSL's extension syntax, "" for
                                          none; NULL: a leaf's EKU is clientAuth, its basicConstraints
                                          CA:FALSE, a CA's CA:TRUE, its keyUsage keyCertSign, cRLSign */
    bool no_eku;
    bool no_key_ids;                  /* SKID and AKID are written */
    const struct pki_extension *more; /* ended by a row without OID; they may repeat others */
};

#define PKI_NOW 1800000000 /* 2027-01-15: the clock of the tests */

struct pki_cert *pki_issue(const struct pki_spec *spec);
void pki_free(struct pki_cert *c);
struct cb_str pki_der(const struct pki_cert *c);

/* PEM of the certificates, with a NUL behind; free() it. */
char *pki_pem(const struct pki_cert *const *certs, size_t count);

#endif
