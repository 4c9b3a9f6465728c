/* Where a certificate says that its status can be learnt. RFC 5280 sections 4.2.1.13 and 4.2.2.1. */
#ifndef CB_STATUS_URLS_H
#define CB_STATUS_URLS_H

#include "cert/cert.h"

enum { CB_STATUS_URLS = 8 };

/* http and https only; what is named beyond CB_STATUS_URLS, or longer than CB_LIMIT_STATUS_URL, is left out.
 * Borrowed from the certificate. */
struct cb_status_urls {
    struct cb_str urls[CB_STATUS_URLS];
    size_t count;
};

/* The lists that cRLDistributionPoints names; points of another issuer are left out, for indirect lists are
 * not supported. Without the extension there are none. CB_E_CERT_MALFORMED. */
CB_MUST cb_cert_crl_points(const struct cb_cert *c, struct cb_status_urls *out, struct cb_err *err);

/* The OCSP responders that authorityInfoAccess names. CB_E_CERT_MALFORMED. */
CB_MUST cb_cert_ocsp_responders(const struct cb_cert *c, struct cb_status_urls *out, struct cb_err *err);

/* Adds the URIs of the content of a DistributionPointName; one that is relative to the issuer has none.
 * False: it does not decode. */
bool cb_point_name_read(struct cb_str name, struct cb_status_urls *out);

#endif
