/* Making a cb_trust_path out of the chain that OpenSSL built. */
#ifndef CB_TRUST_PATH_H
#define CB_TRUST_PATH_H

#include "cert/ca_set.h"
#include "cert/trust.h"

/* `sets`: where the configured CAs of the chain come from; what is in none of them was presented. */
CB_MUST cb_trust_path_new(const struct cb_cert *leaf, STACK_OF(X509) * chain,
                          const struct cb_ca_set *const *sets, size_t set_count, struct cb_trust_path **out,
                          struct cb_err *err);

#endif
