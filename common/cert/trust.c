#include "cert/trust.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "cert/name_parts.h"
#include "cert/verdicts.h"

enum { SECURITY_LEVEL = 2 }; /* OpenSSL's 112 bits: RSA 2048, SHA-224 and better */

struct cb_trust {
    X509_STORE *store;
    struct cb_verdicts *verdicts;
    size_t count;
};

static void auto_trust(struct cb_trust **t)
{
    cb_trust_free(*t);
}

static void free_x509(X509 **x)
{
    X509_free(*x);
}

static void free_x509s(STACK_OF(X509) * *s)
{
    sk_X509_pop_free(*s, X509_free);
}

static void free_ctx(X509_STORE_CTX **c)
{
    X509_STORE_CTX_free(*c);
}

/* Exactly one certificate, or NULL. */
static X509 *decoded(struct cb_str der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    CB_AUTO(free_x509) X509 *x = d2i_X509(NULL, &p, (long)der.n);
    return p == (const unsigned char *)der.p + der.n ? CB_TAKE(x) : NULL;
}

/* --- anchors --- */

static bool signed_by(X509 *x, X509 *candidate)
{
    EVP_PKEY *key = X509_get0_pubkey(candidate);
    return key != NULL && X509_verify(x, key) == 1;
}

static bool is_in_force(X509_STORE_CTX *ctx, const X509 *x)
{
    time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(ctx));
    return X509_cmp_time(X509_get0_notBefore(x), &now) < 0 && X509_cmp_time(X509_get0_notAfter(x), &now) > 0;
}

static bool is_presented(X509_STORE_CTX *ctx, const X509_NAME *subject)
{
    const STACK_OF(X509) *presented = X509_STORE_CTX_get0_untrusted(ctx);
    for (int i = 0; i < sk_X509_num(presented); i++) {
        if (X509_NAME_cmp(X509_get_subject_name(sk_X509_value(presented, i)), subject) == 0) {
            return true;
        }
    }
    return false;
}

/* OpenSSL takes the first anchor of the issuer's name. Where several certificates share a name, the one whose
 * key made the signature is the issuer, and of two with that key the one in force. */
static int find_anchor(X509 **issuer, X509_STORE_CTX *ctx, X509 *x)
{
    const X509_NAME *name = X509_get_issuer_name(x);
    CB_AUTO(free_x509s) STACK_OF(X509) *same_name = X509_STORE_CTX_get1_certs(ctx, name);
    const int n = sk_X509_num(same_name);
    const bool no_rival = n == 1 && !is_presented(ctx, name); /* its key is tried anyway */
    X509 *found = NULL;
    for (int i = 0; i < n && (found == NULL || !is_in_force(ctx, found)); i++) {
        X509 *candidate = sk_X509_value(same_name, i);
        if (X509_check_issued(candidate, x) == X509_V_OK && (no_rival || signed_by(x, candidate))) {
            found = candidate;
        }
    }
    ERR_clear_error();
    if (found == NULL || X509_up_ref(found) != 1) {
        return 0;
    }
    *issuer = found;
    return 1;
}

static cb_status add_anchor(struct cb_trust *t, struct cb_str der, size_t number, struct cb_err *err)
{
    CB_AUTO(free_x509) X509 *x = decoded(der);
    CB_ENSURE(x != NULL, CB_E_CONFIG, "anchor %zu does not decode", number);
    CB_ENSURE(X509_check_ca(x) > 0, CB_E_CONFIG, "anchor %zu is not a CA certificate", number);
    CB_TRY_OSSL(X509_STORE_add_cert(t->store, x), "trust anchor");
    t->count++;
    return CB_OK;
}

cb_status cb_trust_new(struct cb_str anchors_pem, struct cb_trust **out, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    cb_arena_init(&a, 2 * CB_LIMIT_PEM_FILE);
    struct cb_str *ders = NULL;
    size_t count = 0;
    struct cb_err why = { 0 };
    CB_ENSURE(!CB_FAILED(cb_cert_pem_bundle(&a, anchors_pem, &ders, &count, &why)), CB_E_CONFIG, "%.200s",
              why.detail);
    CB_ENSURE(count > 0, CB_E_CONFIG, "no certificate in the anchors");

    CB_AUTO(auto_trust) struct cb_trust *t = calloc(1, sizeof *t);
    CB_ENSURE(t != NULL && (t->store = X509_STORE_new()) != NULL && (t->verdicts = cb_verdicts_new()) != NULL,
              CB_E_MEMORY, "trust anchors");
    X509_STORE_set_get_issuer(t->store, find_anchor);
    for (size_t i = 0; i < count; i++) {
        CB_TRY(add_anchor(t, ders[i], i + 1, err));
    }
    *out = CB_TAKE(t);
    return CB_OK;
}

void cb_trust_free(struct cb_trust *t)
{
    if (t != NULL) {
        X509_STORE_free(t->store);
        cb_verdicts_free(t->verdicts);
        free(t);
    }
}

size_t cb_trust_anchor_count(const struct cb_trust *t)
{
    return t->count;
}

/* --- checking --- */

/* The rest is CB_E_CERT_CHAIN: what a CA must not do, or what we do not ask for. */
static const struct {
    int x509_error;
    enum cb_code code;
} reasons[] = {
    { X509_V_ERR_CERT_HAS_EXPIRED, CB_E_CERT_EXPIRED },
    { X509_V_ERR_CERT_NOT_YET_VALID, CB_E_CERT_NOT_YET_VALID },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, CB_E_CERT_ISSUER_UNKNOWN },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, CB_E_CERT_ISSUER_UNKNOWN },
    { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, CB_E_CERT_ISSUER_UNKNOWN },
    { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, CB_E_CERT_ISSUER_UNKNOWN },
    { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, CB_E_CERT_ISSUER_UNKNOWN },
    { X509_V_ERR_CERT_UNTRUSTED, CB_E_CERT_ISSUER_UNKNOWN },
    { X509_V_ERR_CERT_SIGNATURE_FAILURE, CB_E_CERT_SIGNATURE },
    { X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, CB_E_CERT_SIGNATURE },
    { X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, CB_E_CERT_SIGNATURE },
    { X509_V_ERR_INVALID_PURPOSE, CB_E_CERT_PURPOSE },
    { X509_V_ERR_EE_KEY_TOO_SMALL, CB_E_CERT_WEAK },
    { X509_V_ERR_CA_KEY_TOO_SMALL, CB_E_CERT_WEAK },
    { X509_V_ERR_CA_MD_TOO_WEAK, CB_E_CERT_WEAK },
    { X509_V_ERR_OUT_OF_MEM, CB_E_MEMORY },
    { X509_V_ERR_UNSPECIFIED, CB_E_CRYPTO },
    { X509_V_ERR_INVALID_CALL, CB_E_CRYPTO },
    { X509_V_ERR_STORE_LOOKUP, CB_E_CRYPTO },
};

/* Which CA an operator would have to trust. */
static void print_issuer(const X509 *x, char *out, size_t size)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_buf text CB_AUTO(cb_buf_done);
    const struct cb_name *name = NULL;
    cb_arena_init(&a, CB_LIMIT_NAME_TEXT);
    cb_buf_init(&text, CB_LIMIT_NAME_TEXT);
    if (x != NULL && !CB_FAILED(cb_name_from_x509(&a, X509_get_issuer_name(x), &name, NULL))) {
        cb_name_print(name, &text);
    }
    (void)snprintf(out, size, CB_STR_FMT, CB_STR_ARG(cb_buf_str(&text)));
}

static cb_status refuse_chain(X509_STORE_CTX *ctx, struct cb_err *err)
{
    const int why = X509_STORE_CTX_get_error(ctx);
    enum cb_code code = CB_E_CERT_CHAIN;
    for (size_t i = 0; i < CB_COUNT(reasons); i++) {
        if (reasons[i].x509_error == why) {
            code = reasons[i].code;
        }
    }
    char issuer[96] = "";
    if (code == CB_E_CERT_ISSUER_UNKNOWN) {
        print_issuer(X509_STORE_CTX_get_current_cert(ctx), issuer, sizeof issuer);
    }
    CB_REFUSE(code, "certificate %d of the chain: %s%s%s", X509_STORE_CTX_get_error_depth(ctx),
              X509_verify_cert_error_string(why), *issuer != '\0' ? ", issued by " : "", issuer);
}

/* Intermediates that do not decode are left out: the chain has to do without them. */
static STACK_OF(X509) * presented(const struct cb_str *ders, size_t count)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    for (size_t i = 0; chain != NULL && i < count && i < CB_LIMIT_CHAIN; i++) {
        CB_AUTO(free_x509) X509 *x = decoded(ders[i]);
        if (x != NULL && sk_X509_push(chain, x) > 0) {
            x = NULL;
        }
    }
    ERR_clear_error();
    return chain;
}

static cb_status prepare(X509_STORE_CTX *ctx, const struct cb_trust *t, X509 *leaf,
                         STACK_OF(X509) * untrusted, int64_t now, struct cb_err *err)
{
    CB_TRY_OSSL(X509_STORE_CTX_init(ctx, t->store, leaf, untrusted), "chain validation");
    X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(p, (time_t)now);
    X509_VERIFY_PARAM_set_depth(p, CB_LIMIT_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
    /* An anchor is trusted for its key, also where it is an intermediate that the operator chose. */
    CB_TRY_OSSL(X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN), "chain validation: flags");
    CB_TRY_OSSL(X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_SSL_CLIENT), "chain validation: purpose");
    return CB_OK;
}

/* What a client or a CA may sign with. OpenSSL's security level alone would let P-224 and DSA pass. */
static const struct {
    const char *type;
    int bits;
} keys[] = { { "EC", 256 }, { "RSA", 2048 }, { "RSA-PSS", 2048 }, { "ED25519", 0 }, { "ED448", 0 } };

static cb_status check_key(const X509 *x, struct cb_err *err)
{
    const EVP_PKEY *key = X509_get0_pubkey(x);
    CB_ENSURE(key != NULL, CB_E_CERT_CHAIN, "a certificate of the chain has no usable key");
    for (size_t i = 0; i < CB_COUNT(keys); i++) {
        if (EVP_PKEY_is_a(key, keys[i].type)) {
            CB_ENSURE(EVP_PKEY_get_bits(key) >= keys[i].bits, CB_E_CERT_WEAK,
                      "a key of the chain is %s of %d bits", keys[i].type, EVP_PKEY_get_bits(key));
            return CB_OK;
        }
    }
    CB_REFUSE(CB_E_CERT_WEAK, "a key of the chain is neither EC, RSA nor EdDSA");
}

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
    return check_key(x, err);
}

static cb_status seconds_of(const ASN1_TIME *t, int64_t *out, struct cb_err *err)
{
    struct tm tm = { 0 };
    CB_TRY_OSSL(ASN1_TIME_to_tm(t, &tm), "chain validation: date");
    *out = (int64_t)timegm(&tm);
    return CB_OK;
}

/* The seconds at which every certificate of the chain is valid. */
static cb_status span_of(X509_STORE_CTX *ctx, int64_t *out_from, int64_t *out_until, struct cb_err *err)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    int64_t from = INT64_MIN, until = INT64_MAX;
    const int count = sk_X509_num(chain);
    for (int i = 0; i < count; i++) {
        X509 *x = sk_X509_value(chain, i);
        int64_t first = 0, last = 0;
        CB_TRY(check_place(x, i, count, err));
        CB_TRY(seconds_of(X509_get0_notBefore(x), &first, err));
        CB_TRY(seconds_of(X509_get0_notAfter(x), &last, err));
        from = first > from ? first : from;
        until = last < until ? last : until;
    }
    *out_from = from;
    *out_until = until - 1; /* OpenSSL calls a certificate expired in the very second of its not-after */
    return CB_OK;
}

static cb_status verify(const struct cb_trust *t, const struct cb_cert *leaf, const struct cb_str *chain_ders,
                        size_t chain_count, int64_t now, int64_t *out_from, int64_t *out_until,
                        struct cb_err *err)
{
    CB_AUTO(free_x509) X509 *x = decoded(leaf->der);
    CB_AUTO(free_x509s) STACK_OF(X509) *untrusted = presented(chain_ders, chain_count);
    CB_AUTO(free_ctx) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    ERR_clear_error();
    CB_ENSURE(ctx != NULL && untrusted != NULL, CB_E_MEMORY, "chain validation");
    CB_ENSURE(x != NULL, CB_E_CERT_MALFORMED, "the certificate does not decode");
    CB_TRY(prepare(ctx, t, x, untrusted, now, err));
    const int ok = X509_verify_cert(ctx);
    ERR_clear_error();
    if (ok != 1) {
        return refuse_chain(ctx, err);
    }
    return span_of(ctx, out_from, out_until, err);
}

cb_status cb_trust_check(const struct cb_trust *t, const struct cb_cert *leaf,
                         const struct cb_str *chain_ders, size_t chain_count, int64_t now, int64_t *out_until,
                         struct cb_err *err)
{
    struct cb_chain_key key = { 0 };
    int64_t from = 0, until = 0;
    CB_TRY(cb_chain_key_of(leaf->der, chain_ders, chain_count, &key, err));
    if (cb_verdicts_find(t->verdicts, &key, now, out_until)) {
        return CB_OK;
    }
    CB_TRY(verify(t, leaf, chain_ders, chain_count, now, &from, &until, err));
    cb_verdicts_keep(t->verdicts, &key, from, until);
    *out_until = until;
    return CB_OK;
}
