/* The rules that profiles are made of. Private to server/partner/. */
#ifndef CB_PROFILE_RULES_H
#define CB_PROFILE_RULES_H

#include "cert/organisation.h"
#include "cert/qc.h"
#include "partner/profile.h"

/* An attribute that the subject must hold once. */
struct cb_profile_attribute {
    const char *oid, *name;
    bool (*good)(struct cb_str);
    const char *rule; /* "must be ..." */
};
CB_MUST cb_profile_attribute(const struct cb_cert *cert, const struct cb_profile_attribute *a,
                             struct cb_str *out, struct cb_err *err);
extern const struct cb_profile_attribute cb_profile_organization_identifier;
bool cb_profile_has_organisation(const struct cb_cert *cert);

bool cb_is_present(struct cb_str s);
bool cb_is_alphanumeric(struct cb_str s);

CB_MUST cb_profile_need_client_auth(const struct cb_cert *cert, struct cb_err *err);

/* An authorisation as a payment service provider, `PSD` + country + `-` + authority + `-` + number. */
CB_MUST cb_profile_provider(const struct cb_cert *cert, struct cb_organisation *out, struct cb_err *err);

/* ETSI TS 119 495 section 5.2.1: who supervises is said twice, and must be the same. */
CB_MUST cb_profile_check_authority(const struct cb_qc *qc, const struct cb_organisation *provider,
                                   struct cb_err *err);

/* A certificate without QcType is one for signatures: ETSI EN 319 412-5 section 4.2.3. */
CB_MUST cb_profile_check_website(const struct cb_qc *qc, struct cb_err *err);

void cb_profile_take_roles(const struct cb_qc *qc, struct cb_profile_facts *out);

/* The larger profiles. */
CB_MUST cb_profile_read_obuk(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err);
CB_MUST cb_profile_read_ofbr(const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err);

#endif
