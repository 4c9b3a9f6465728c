/* OCSP responses for tests. */
#ifndef TESTLIB_OCSP_H
#define TESTLIB_OCSP_H

#include "testlib/pki.h"

/* Zeroed members take the defaults that stand behind them. */
struct ocsp_spec {
    const struct pki_cert *issuer; /* of the certificate that is answered for */
    const struct pki_cert *about;  /* that certificate */
    const struct pki_cert *signer; /* the issuer */
    const struct pki_cert *along;  /* the signer's certificate alone is sent along */
    bool nothing_along;
    const char *digest;               /* "SHA256" */
    const char *id_digest;            /* "SHA1": how the certificate is named */
    int response_status;              /* successful */
    int status;                       /* V_OCSP_CERTSTATUS_GOOD */
    int reason;                       /* of a revoked one: none; else the number */
    int64_t this_update, next_update; /* PKI_NOW - 10 minutes, PKI_NOW + 1 hour */
    bool no_next_update;
    struct cb_str nonce;
    bool twice; /* the same answer again, by SHA-256 */
    bool critical_extension;
};

/* DER; free() it. A failure ends the test program. */
char *ocsp_answer(const struct ocsp_spec *spec, size_t *out_n);

#endif
