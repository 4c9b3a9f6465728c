/* Chain validation of a client's certificate against one trust group. RFC 5280, RFC 8705 section 2.1. */
#ifndef CB_TRUST_H
#define CB_TRUST_H

#include "cert/authority.h"
#include "cert/cert.h"

/* PEM certificates and what messages call them: the file; NULL: "PEM". */
struct cb_pem_text {
    const char *name;
    struct cb_str text;
};

/* What a trust group demands. Zeroed, it demands the most of `depth` and what every group demands of the
 * rest. Nothing is kept. */
struct cb_trust_options {
    const struct cb_pem_text *anchors; /* all of them together; at least one certificate */
    size_t anchor_count;
    const struct cb_pem_text *intermediates; /* where there are some, only these may stand between a leaf and
                                                its anchor, presented or not */
    size_t intermediate_count;
    int64_t depth;                         /* CAs between a leaf and its anchor */
    const char *const *extended_key_usage; /* "clientAuth", "serverAuth", dotted OIDs: a leaf carries all of
                                              them. None: clientAuth, if it carries any */
    size_t extended_key_usage_count;
    int64_t min_rsa_bits, min_ec_bits;       /* of each key of a chain; never below 2048 and 256 */
    const char *const *signature_algorithms; /* OpenSSL's names; below the anchor. None: all that are good
                                                enough */
    size_t signature_algorithm_count;
    int64_t max_validity_s; /* of a leaf, from its first second to its last; 0: any */
};

/* The CAs of one trust group, held ready, and the chains found good under them. Shared by threads. Heap;
 * cb_trust_free. */
struct cb_trust;

/* Errors: CB_E_CONFIG, saying which certificate is no CA or does not parse, or which word is not known. An
 * expired anchor is accepted here and refuses chains later. Thousands of anchors cost a check nothing. */
CB_MUST cb_trust_new(const struct cb_trust_options *o, struct cb_trust **out, struct cb_err *err);
void cb_trust_free(struct cb_trust *t); /* NULL is fine */

/* The CAs: i below the count. In order of their names, none twice. */
size_t cb_trust_anchor_count(const struct cb_trust *t);
const struct cb_authority *cb_trust_anchor_at(const struct cb_trust *t, size_t i);
size_t cb_trust_intermediate_count(const struct cb_trust *t); /* those configured */
const struct cb_authority *cb_trust_intermediate_at(const struct cb_trust *t, size_t i);

/* A configured CA, anchor or intermediate, that has this key; NULL: none has. */
const struct cb_authority *cb_trust_find(const struct cb_trust *t, const struct cb_key_hash *key);

/* One certificate of a good chain and the CA whose key signed it. Revocation is asked for by these two, never
 * by a CA's name, which two CAs may share. */
struct cb_trust_link {
    struct cb_str serial; /* the content of the DER INTEGER */
    struct cb_authority *issuer;
};

/* How a leaf leads to an anchor: links[0] is the leaf's, the last one's issuer is the anchor. The certificate
 * of links[i] is, above the leaf, links[i - 1].issuer. Immutable, counted, shared by threads; outlives its
 * cb_trust. */
struct cb_trust_path {
    int64_t from, until; /* the seconds, both inclusive, at which every certificate of it is valid */
    size_t count;        /* the certificates below the anchor; at least 1 */
    const struct cb_trust_link *links;
};

struct cb_trust_path *cb_trust_path_ref(struct cb_trust_path *p);
void cb_trust_path_unref(struct cb_trust_path *p); /* NULL is fine */

/* Does a chain lead from the leaf over the presented certificates to an anchor, at `now`, for TLS client use?
 * Checks signatures (anchors by key, never by name alone), validity of every certificate, basicConstraints,
 * keyUsage, extendedKeyUsage (anyExtendedKeyUsage is not clientAuth), name constraints, RSA >= 2048, EC >=
 * 256 or EdDSA, SHA-256 or better below the anchor, and what the options demand beyond. A chain may end at
 * any anchor, self-signed or not; an anchor is no client. Presented certificates that do not decode, the leaf
 * again, and those that no chain needs do no harm. Does not check revocation or whose certificate it is.
 * On success *out_path is the caller's to unref. Errors: CB_E_CERT_MALFORMED, _EXPIRED, _NOT_YET_VALID,
 * _ISSUER_UNKNOWN, _ISSUER_NOT_ALLOWED, _SIGNATURE, _PURPOSE, _EKU, _WEAK, _KEY_SIZE, _ALGORITHM, _LIFETIME,
 * _CHAIN_LENGTH, _CHAIN. */
CB_MUST cb_trust_check(const struct cb_trust *t, const struct cb_cert *leaf, const struct cb_str *chain_ders,
                       size_t chain_count, int64_t now, struct cb_trust_path **out_path, struct cb_err *err);

#endif
