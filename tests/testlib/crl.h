/* Revocation lists for tests, written byte by byte, so that each can be wrong in one place. */
#ifndef TESTLIB_CRL_H
#define TESTLIB_CRL_H

#include "base/buf.h"
#include "testlib/pki.h"

/* Zeroed members take the defaults that stand behind them. */
struct crl_spec {
    const struct pki_cert *issuer;
    EVP_PKEY *signer;                 /* the issuer's */
    const char *digest;               /* "SHA256" */
    bool pss;                         /* PKCS#1 v1.5, for RSA */
    bool v1;                          /* version 2 */
    int64_t this_update, next_update; /* PKI_NOW - 1 hour, PKI_NOW + 1 day */
    bool no_next_update;
    size_t count, serial_octets;   /* so many entries, see crl_serial; serials of 16 octets */
    struct cb_str entries;         /* DER of the entries, instead */
    struct cb_str extensions;      /* DER of them; cRLNumber 0x0102, "" is none */
    struct cb_str inner_algorithm; /* the outer one again */
    struct cb_str tail;            /* behind the list */
};

/* DER; free() it. A failure ends the test program. */
char *crl_issue(const struct crl_spec *spec, size_t *out_n);

/* The i-th serial of a list of `count`: looks random, is positive and of that many octets. */
#define CRL_SERIAL_MAX 32
void crl_serial(size_t i, size_t octets, char out[CRL_SERIAL_MAX]);

/* Parts: adds an element, an extension, an entry with its date and optional extensions. */
void crl_der(struct cb_buf *out, unsigned char identifier, struct cb_str content);
void crl_extension(struct cb_buf *out, struct cb_str oid, bool critical, struct cb_str value);
void crl_entry(struct cb_buf *out, struct cb_str serial, struct cb_str extensions);

#endif
