/* What a scheme's certificates look like and what they say of a partner, beyond the chain they stand in. The
 * trust group says which profile its certificates must fit. */
#ifndef CB_PROFILE_H
#define CB_PROFILE_H

#include "cert/cert.h"
#include "config/config.h"

/* Zero is none and refuses every certificate. */
enum cb_profile {
    CB_PROFILE_NONE,
    CB_PROFILE_PLAIN, /* nothing beyond the chain and the registered subject */
    CB_PROFILE_PSD2,  /* eIDAS website certificates with a PSD2 statement: ETSI TS 119 495 */
    CB_PROFILE_OBUK,  /* UK Open Banking: OBWAC, and the older transport certificates */
    CB_PROFILE_OFBR,  /* Open Finance Brazil: BRCAC */
    CB_PROFILE__MAX
};
enum cb_profile cb_profile_of(struct cb_str name); /* "psd2" */
enum cb_profile cb_profile_of_group(const struct cb_config *config, struct cb_str trust_group);
const char *cb_profile_name(enum cb_profile p); /* "" for none */

enum cb_certificate_form {
    CB_FORM_NONE,
    CB_FORM_PLAIN,
    CB_FORM_QWAC,
    CB_FORM_OBWAC,
    CB_FORM_OB_LEGACY,
    CB_FORM_BRCAC,
    CB_FORM__MAX
};
const char *cb_certificate_form_name(enum cb_certificate_form f); /* "qwac"; "" for none */

/* Borrowed from the certificate. Absent values have n == 0. */
struct cb_profile_facts {
    enum cb_certificate_form form;
    struct cb_str organisation;    /* organizationIdentifier, whole: "PSDGB-FCA-795791" */
    struct cb_str organisation_id; /* what the directory calls it: UK the 18 characters, Brazil the UUID, psd2
                                      as above */
    struct cb_str software_id;     /* UK transport certificates and Brazil */
    struct cb_str authority;       /* nCAId: "GB-FCA" */
    bool limits_scopes;            /* the roles count: no more than they allow */
    unsigned roles;                /* bit 1 << enum cb_psp_role */
};

/* Does the certificate fit? CB_E_CERT_PROFILE: an attribute, key usage or purpose is not what the profile
 * asks for, the detail says which; CB_E_CERT_QC_TYPE: not for website authentication;
 * CB_E_CERT_QC_STATEMENTS, CB_E_CERT_ROLE, CB_E_CERT_MALFORMED: as cb_qc_read and cb_cert_has_purpose. */
CB_MUST cb_profile_read(enum cb_profile profile, const struct cb_cert *cert, struct cb_profile_facts *out,
                        struct cb_err *err);

#endif
