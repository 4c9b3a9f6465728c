/* Chain validation of a client's certificate against one trust group. RFC 5280, RFC 8705 section 2.1. */
#ifndef CB_TRUST_H
#define CB_TRUST_H

#include "cert/cert.h"

/* The anchors of one trust group, held ready, and the chains found good under them. Shared by threads. Heap;
 * cb_trust_free.
 */
struct cb_trust;

/* The PEM bundle's certificates become trust anchors, at least one. Errors: CB_E_CONFIG, saying which of them
 * is no CA or does not parse. An expired anchor is accepted here and refuses chains later. */
CB_MUST cb_trust_new(struct cb_str anchors_pem, struct cb_trust **out, struct cb_err *err);
void cb_trust_free(struct cb_trust *t);
size_t cb_trust_anchor_count(const struct cb_trust *t);

/* Does a chain lead from the leaf over the presented certificates to an anchor, at `now`, for TLS client use?
 * Checks signatures (anchors by key, never by name alone), validity of every certificate, basicConstraints,
 * keyUsage, EKU clientAuth if an EKU is present (anyExtendedKeyUsage is not it), name constraints, RSA >=
 * 2048, EC >= 256 or EdDSA, no MD5 or SHA-1 below the anchor, depth <= CB_LIMIT_CHAIN. A chain may end at any
 * anchor, self-signed or not; an anchor is no client. Presented certificates that do not decode, the leaf
 * again, and those that no chain needs do no harm. Does not check revocation or whose certificate it is. On
 * success *out_until is the earliest not-after in the chain: the verdict holds to that second, no longer.
 * Errors: CB_E_CERT_MALFORMED, _EXPIRED, _NOT_YET_VALID, _ISSUER_UNKNOWN, _SIGNATURE, _PURPOSE, _WEAK,
 * _CHAIN. */
CB_MUST cb_trust_check(const struct cb_trust *t, const struct cb_cert *leaf, const struct cb_str *chain_ders,
                       size_t chain_count, int64_t now, int64_t *out_until, struct cb_err *err);

#endif
