/* What a chain must be beyond what OpenSSL verified: what every trust group demands, and one group's own. */
#ifndef CB_RULES_H
#define CB_RULES_H

#include <openssl/x509.h>

#include "cert/key_strength.h"
#include "cert/trust.h"

struct cb_rules {
    int64_t depth, max_validity_s;
    struct cb_key_minimum min_key;
    STACK_OF(ASN1_OBJECT) * usages;
    int *algorithms; /* NIDs */
    size_t algorithm_count;
};

/* CB_E_CONFIG: a word is not known. */
CB_MUST cb_rules_init(const struct cb_trust_options *o, struct cb_rules *out, struct cb_err *err);
void cb_rules_done(struct cb_rules *r); /* also of a zeroed struct */

/* The chain that OpenSSL built and verified: the leaf first, the anchor last. */
CB_MUST cb_rules_check(const struct cb_rules *r, const struct cb_cert *leaf, STACK_OF(X509) * chain,
                       struct cb_err *err);

#endif
