/* The certificates that a self_signed_tls_client_auth client registers as keys: RFC 8705 section 2.2. */
#ifndef CB_APPLICATION_KEYS_H
#define CB_APPLICATION_KEYS_H

#include "onboarding/application.h"

/* The JWK set that is registered by value, as text in the arena; n == 0: none. CB_E_MEMORY. */
CB_MUST cb_application_jwks(const struct cb_application *app, struct cb_str *out, struct cb_err *err);

/* Is the certificate among the registered ones, by value or as they were fetched? */
bool cb_application_keys_hold(const struct cb_application *app, const struct cb_cert *cert);

#endif
