/* Asking a responder about one certificate, and reading what it says. RFC 6960. */
#ifndef CB_OCSP_H
#define CB_OCSP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* Whom a request is about: RFC 6960 section 4.1.1, CertID. */
struct cb_ocsp_subject {
    struct cb_str serial; /* the content of the DER INTEGER */
    struct cb_str issuer; /* the CA's certificate, DER */
};

/* How the request names the issuer. Every responder knows SHA-1, which finds and does not prove anything;
 * some want SHA-256. */
enum cb_ocsp_hash { CB_OCSP_SHA1, CB_OCSP_SHA256, CB_OCSP_HASH__MAX };

enum { CB_OCSP_NONCE = 16 };

/* Adds a request, DER, with this nonce. CB_E_CERT_MALFORMED, CB_E_CRYPTO, CB_E_LIMIT. */
CB_MUST cb_ocsp_request(const struct cb_ocsp_subject *s, enum cb_ocsp_hash hash,
                        const uint8_t nonce[CB_OCSP_NONCE], struct cb_buf *out, struct cb_err *err);

enum cb_ocsp_status { CB_OCSP_UNKNOWN, CB_OCSP_GOOD, CB_OCSP_REVOKED };

struct cb_ocsp_answer {
    enum cb_ocsp_status status;
    int64_t this_update;
    int64_t next_update; /* without one, CB_OCSP_AGE_S after this_update */
    int64_t revoked_at;
    const char *reason; /* as of a cb_crl_entry */
    /* The serial number of the responder's own certificate, to be looked up among what is revoked. Of 0
     * octets when the issuer signed itself, or when pkix-ocsp-nocheck says not to ask. */
    uint8_t delegate[CB_LIMIT_SERIAL];
    size_t delegate_n;
};

#define CB_OCSP_AGE_S 3600 /* how long an answer holds that does not say */

/* Reads one response of at most CB_LIMIT_OCSP_RESPONSE bytes to a request about `s` with `nonce`, and
 * verifies that the issuer signed it, or a certificate with EKU OCSPSigning that the issuer itself signed and
 * that is valid now. Responders may leave the nonce out; the time then tells how old the answer is.
 * CB_E_OCSP_MALFORMED          not DER, bytes behind it, two answers, a critical extension
 * CB_E_OCSP_TRY_LATER, CB_E_OCSP_REFUSED  the responder says so
 * CB_E_OCSP_ALGORITHM          as CB_E_CRL_ALGORITHM
 * CB_E_OCSP_SIGNATURE          does not verify
 * CB_E_OCSP_SIGNER             verifies, but by nobody who may answer
 * CB_E_OCSP_OTHER_CERTIFICATE  nothing is said about this one
 * CB_E_OCSP_NONCE              an answer to another request
 * CB_E_OCSP_NOT_YET_VALID, CB_E_OCSP_EXPIRED */
CB_MUST cb_ocsp_read(struct cb_str response, const struct cb_ocsp_subject *s,
                     const uint8_t nonce[CB_OCSP_NONCE], int64_t now, struct cb_ocsp_answer *out,
                     struct cb_err *err);

#endif
