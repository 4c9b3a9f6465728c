/* CA certificates, found by their name: the anchors of a trust group, or its intermediates. */
#ifndef CB_CA_SET_H
#define CB_CA_SET_H

#include <openssl/x509.h>

#include "cert/authority.h"
#include "cert/trust.h"

struct cb_ca {
    X509 *x509;
    struct cb_authority *authority;
};

/* Sorted by name once, then immutable and shared by threads. OpenSSL's X509_STORE would do, but sorts itself
 * again with each certificate that is added (20,000 take 20 s), and locks on each look-up. */
struct cb_ca_set {
    struct cb_ca *all;
    size_t count;
};

/* Every certificate of the texts, each once. CB_E_CONFIG: one does not decode or is no CA, or there is none;
 * the detail names the text. */
CB_MUST cb_ca_set_load(const struct cb_pem_text *texts, size_t count, struct cb_ca_set *out,
                       struct cb_err *err);
void cb_ca_set_done(struct cb_ca_set *s); /* also of a zeroed struct */

/* Those of this name stand in a row from *out_first. */
size_t cb_ca_set_named(const struct cb_ca_set *s, const X509_NAME *name, const struct cb_ca **out_first);

/* The authority of exactly this object; NULL when it is none of the set. */
struct cb_authority *cb_ca_set_authority(const struct cb_ca_set *s, const X509 *x);

/* A certificate of this key; NULL when none has it. */
const struct cb_authority *cb_ca_set_of_key(const struct cb_ca_set *s, const struct cb_key_hash *key);

#endif
