/* The statements of a qualified certificate: RFC 3739 section 3.2.6, ETSI EN 319 412-5, and the roles of a
 * payment service provider, ETSI TS 119 495 section 5.1. */
#ifndef CB_QC_H
#define CB_QC_H

#include "cert/cert.h"

/* What the certificate was issued for: bits of a set, for it may name several. */
enum { CB_QC_TYPE_SIGNATURE = 1, CB_QC_TYPE_SEAL = 2, CB_QC_TYPE_WEBSITE = 4 };

/* Zero is no role. */
enum cb_psp_role {
    CB_PSP_NONE,
    CB_PSP_ACCOUNT_SERVICING,
    CB_PSP_PAYMENT_INITIATION,
    CB_PSP_ACCOUNT_INFORMATION,
    CB_PSP_CARD_INSTRUMENTS,
    CB_PSP__MAX
};
const char *cb_psp_role_name(enum cb_psp_role r); /* "PSP_AI"; "" for none */

/* Borrowed from the extension. */
struct cb_qc {
    bool compliance; /* issued as a qualified certificate of the EU */
    bool has_types;  /* QcType is there; ETSI EN 319 412-5: without it the certificate is for signatures */
    unsigned types;
    bool has_psd2;
    unsigned roles; /* bit 1 << enum cb_psp_role; roles that others registered are not among them */
    struct cb_str authority_name, authority_id; /* nCAName, nCAId, e.g. "GB-FCA" */
};

/* Reads the value of the extension. CB_E_CERT_QC_STATEMENTS: not DER, bytes behind it, a statement that we
 * read twice, an authority that is empty, too long, not UTF-8, holds NUL or a control character, or an id
 * that is not `CC-LETTERS`. CB_E_CERT_ROLE: no role at all, or a role whose name is not that of its OID.
 * Statements and roles that we do not know must decode and mean nothing. */
CB_MUST cb_qc_read(struct cb_str der, struct cb_qc *out, struct cb_err *err);

/* The same from the certificate; all zero, and *out_stated false, when it carries no statements. */
CB_MUST cb_cert_qc(const struct cb_cert *c, bool *out_stated, struct cb_qc *out, struct cb_err *err);

#endif
