#include "cert/rules.h"

#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { SECURITY_BITS = 128 }; /* of a signature: SHA-256 and better */

/* --- the words of a configuration --- */

static void free_usage(ASN1_OBJECT **u)
{
    ASN1_OBJECT_free(*u);
}

static cb_status read_usages(const struct cb_trust_options *o, struct cb_rules *r, struct cb_err *err)
{
    r->usages = sk_ASN1_OBJECT_new_null();
    CB_ENSURE(r->usages != NULL, CB_E_MEMORY, "trust rules");
    for (size_t i = 0; i < o->extended_key_usage_count; i++) {
        CB_AUTO(free_usage) ASN1_OBJECT *usage = OBJ_txt2obj(o->extended_key_usage[i], 0);
        ERR_clear_error();
        CB_ENSURE(usage != NULL, CB_E_CONFIG, "extended key usage %.64s is not known",
                  o->extended_key_usage[i]);
        CB_ENSURE(sk_ASN1_OBJECT_push(r->usages, usage) > 0, CB_E_MEMORY, "trust rules");
        usage = NULL;
    }
    return CB_OK;
}

static cb_status read_algorithms(const struct cb_trust_options *o, struct cb_rules *r, struct cb_err *err)
{
    r->algorithms = calloc(o->signature_algorithm_count + 1, sizeof *r->algorithms);
    CB_ENSURE(r->algorithms != NULL, CB_E_MEMORY, "trust rules");
    for (size_t i = 0; i < o->signature_algorithm_count; i++) {
        const int nid = OBJ_txt2nid(o->signature_algorithms[i]);
        int digest = NID_undef, key = NID_undef;
        ERR_clear_error();
        CB_ENSURE(nid != NID_undef && OBJ_find_sigid_algs(nid, &digest, &key) == 1, CB_E_CONFIG,
                  "signature algorithm %.64s is not known", o->signature_algorithms[i]);
        r->algorithms[r->algorithm_count++] = nid;
    }
    return CB_OK;
}

cb_status cb_rules_init(const struct cb_trust_options *o, struct cb_rules *out, struct cb_err *err)
{
    struct cb_rules r CB_AUTO(cb_rules_done) = {
        .depth = o->depth,
        .max_validity_s = o->max_validity_s,
        .min_key = { o->min_rsa_bits, o->min_ec_bits },
    };
    CB_TRY(read_usages(o, &r, err));
    CB_TRY(read_algorithms(o, &r, err));
    *out = r;
    r = (struct cb_rules){ 0 };
    return CB_OK;
}

void cb_rules_done(struct cb_rules *r)
{
    sk_ASN1_OBJECT_pop_free(r->usages, ASN1_OBJECT_free);
    free(r->algorithms);
    *r = (struct cb_rules){ 0 };
}

/* --- keys and signatures --- */

static cb_status check_key(const struct cb_rules *r, const X509 *x, struct cb_err *err)
{
    const EVP_PKEY *key = X509_get0_pubkey(x);
    CB_ENSURE(key != NULL, CB_E_CERT_CHAIN, "a certificate of the chain has no usable key");
    return cb_key_check_strength(key, &r->min_key, err);
}

static cb_status check_signature(const struct cb_rules *r, X509 *x, int at, struct cb_err *err)
{
    const int nid = X509_get_signature_nid(x);
    int bits = 0;
    CB_ENSURE(X509_get_signature_info(x, NULL, NULL, &bits, NULL) == 1 && bits >= SECURITY_BITS,
              CB_E_CERT_WEAK, "certificate %d of the chain is signed with %s", at, OBJ_nid2ln(nid));
    for (size_t i = 0; i < r->algorithm_count; i++) {
        if (r->algorithms[i] == nid) {
            return CB_OK;
        }
    }
    CB_ENSURE(r->algorithm_count == 0, CB_E_CERT_ALGORITHM, "certificate %d of the chain is signed with %s",
              at, OBJ_nid2ln(nid));
    return CB_OK;
}

/* --- what a certificate is for: RFC 5280 section 4.2.1.12 --- */

static void free_usages(EXTENDED_KEY_USAGE **u)
{
    EXTENDED_KEY_USAGE_free(*u);
}

static bool names(const EXTENDED_KEY_USAGE *list, const ASN1_OBJECT *usage)
{
    for (int i = 0; i < sk_ASN1_OBJECT_num(list); i++) {
        if (OBJ_cmp(sk_ASN1_OBJECT_value(list, i), usage) == 0) {
            return true;
        }
    }
    return false;
}

static int count_named(const struct cb_rules *r, const EXTENDED_KEY_USAGE *list)
{
    int n = 0;
    for (int i = 0; i < sk_ASN1_OBJECT_num(r->usages); i++) {
        n += names(list, sk_ASN1_OBJECT_value(r->usages, i));
    }
    return n;
}

/* A CA may be limited, too: then to something that a leaf is asked for. */
static cb_status check_usage(const struct cb_rules *r, const X509 *x, int at, struct cb_err *err)
{
    int there = 0;
    CB_AUTO(free_usages) EXTENDED_KEY_USAGE *list = X509_get_ext_d2i(x, NID_ext_key_usage, &there, NULL);
    ERR_clear_error();
    const int demanded = sk_ASN1_OBJECT_num(r->usages);
    if (demanded == 0) {
        CB_ENSURE(there == -1 || (list != NULL && names(list, OBJ_nid2obj(NID_client_auth))),
                  CB_E_CERT_PURPOSE, "extendedKeyUsage of certificate %d of the chain has no clientAuth", at);
        return CB_OK;
    }
    if (at > 0 && there == -1) {
        return CB_OK;
    }
    const int found = list == NULL ? 0 : count_named(r, list);
    CB_ENSURE(found >= (at > 0 ? 1 : demanded), CB_E_CERT_EKU,
              "extendedKeyUsage of certificate %d of the chain has %d of the %d that are demanded", at, found,
              demanded);
    return CB_OK;
}

/* --- the chain --- */

/* Where OpenSSL is more lenient than RFC 5280: a client that only agrees on keys, a CA that only its keyUsage
 * calls one, an anchor's own certificate as a client's. */
static cb_status check_place(X509 *x, int at, int count, struct cb_err *err)
{
    CB_ENSURE(count > 1, CB_E_CERT_CHAIN, "the certificate is a trust anchor itself");
    CB_ENSURE(at > 0 || (X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE) != 0, CB_E_CERT_PURPOSE,
              "keyUsage of the certificate has no digitalSignature");
    const bool is_between = at > 0 && at < count - 1;
    CB_ENSURE(!is_between || (X509_get_extension_flags(x) & EXFLAG_CA) != 0, CB_E_CERT_CHAIN,
              "certificate %d of the chain is no CA by its basicConstraints", at);
    return CB_OK;
}

cb_status cb_rules_check(const struct cb_rules *r, const struct cb_cert *leaf, STACK_OF(X509) * chain,
                         struct cb_err *err)
{
    const int count = sk_X509_num(chain);
    for (int i = 0; i < count; i++) {
        X509 *x = sk_X509_value(chain, i);
        CB_TRY(check_place(x, i, count, err));
        CB_TRY(check_usage(r, x, i, err));
        CB_TRY(check_key(r, x, err));
        if (i < count - 1) {
            CB_TRY(check_signature(r, x, i, err));
        }
    }
    CB_ENSURE(count - 2 <= r->depth, CB_E_CERT_CHAIN_LENGTH,
              "%d CAs stand between the certificate and its anchor, at most %" PRId64 " may", count - 2,
              r->depth);
    const int64_t validity = leaf->not_after - leaf->not_before;
    CB_ENSURE(r->max_validity_s == 0 || validity <= r->max_validity_s, CB_E_CERT_LIFETIME,
              "the certificate is valid for %" PRId64 " seconds, at most %" PRId64 " are accepted", validity,
              r->max_validity_s);
    return CB_OK;
}
