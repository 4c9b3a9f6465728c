#include "cert/trust.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "cert/ca_set.h"
#include "cert/name_parts.h"
#include "cert/rules.h"
#include "cert/trust_path.h"
#include "cert/verdicts.h"

enum { SECURITY_LEVEL = 2 }; /* OpenSSL's 112 bits: RSA 2048; cb_rules_check asks for more */

struct cb_trust {
    X509_STORE *store; /* empty: it carries the callbacks that look into `anchors` */
    struct cb_ca_set anchors, intermediates;
    STACK_OF(X509) * allowed; /* the intermediates for OpenSSL; NULL: whichever are presented */
    struct cb_rules rules;
    struct cb_verdicts *verdicts;
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

static void auto_path(struct cb_trust_path **p)
{
    cb_trust_path_unref(*p);
}

/* Exactly one certificate, or NULL. */
static X509 *decoded(struct cb_str der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    CB_AUTO(free_x509) X509 *x = d2i_X509(NULL, &p, (long)der.n);
    return p == (const unsigned char *)der.p + der.n ? CB_TAKE(x) : NULL;
}

static bool push(STACK_OF(X509) * stack, X509 *x)
{
    if (X509_up_ref(x) != 1) {
        return false;
    }
    if (sk_X509_push(stack, x) > 0) {
        return true;
    }
    X509_free(x);
    return false;
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
    const struct cb_trust *t = X509_STORE_CTX_get_app_data(ctx);
    const X509_NAME *name = X509_get_issuer_name(x);
    const struct cb_ca *same_name = NULL;
    const size_t n = cb_ca_set_named(&t->anchors, name, &same_name);
    const bool no_rival = n == 1 && !is_presented(ctx, name); /* its key is tried anyway */
    X509 *found = NULL;
    for (size_t i = 0; i < n && (found == NULL || !is_in_force(ctx, found)); i++) {
        X509 *candidate = same_name[i].x509;
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

static STACK_OF(X509) * anchors_named(X509_STORE_CTX *ctx, const X509_NAME *name)
{
    const struct cb_trust *t = X509_STORE_CTX_get_app_data(ctx);
    const struct cb_ca *first = NULL;
    const size_t n = cb_ca_set_named(&t->anchors, name, &first);
    CB_AUTO(free_x509s) STACK_OF(X509) *found = sk_X509_new_null();
    for (size_t i = 0; i < n; i++) {
        if (found == NULL || !push(found, first[i].x509)) {
            return NULL;
        }
    }
    return CB_TAKE(found);
}

/* --- the group --- */

static cb_status allow_intermediates(struct cb_trust *t, struct cb_err *err)
{
    t->allowed = sk_X509_new_null();
    CB_ENSURE(t->allowed != NULL, CB_E_MEMORY, "intermediates");
    for (size_t i = 0; i < t->intermediates.count; i++) {
        CB_ENSURE(push(t->allowed, t->intermediates.all[i].x509), CB_E_MEMORY, "intermediates");
    }
    return CB_OK;
}

cb_status cb_trust_new(const struct cb_trust_options *o, struct cb_trust **out, struct cb_err *err)
{
    CB_AUTO(auto_trust) struct cb_trust *t = calloc(1, sizeof *t);
    CB_ENSURE(t != NULL && (t->store = X509_STORE_new()) != NULL && (t->verdicts = cb_verdicts_new()) != NULL,
              CB_E_MEMORY, "trust group");
    X509_STORE_set_get_issuer(t->store, find_anchor);
    X509_STORE_set_lookup_certs(t->store, anchors_named);
    CB_TRY(cb_rules_init(o, &t->rules, err));
    CB_TRY(cb_ca_set_load(o->anchors, o->anchor_count, &t->anchors, err));
    if (o->intermediate_count > 0) {
        CB_TRY(cb_ca_set_load(o->intermediates, o->intermediate_count, &t->intermediates, err));
        CB_TRY(allow_intermediates(t, err));
    }
    *out = CB_TAKE(t);
    return CB_OK;
}

void cb_trust_free(struct cb_trust *t)
{
    if (t != NULL) {
        X509_STORE_free(t->store);
        sk_X509_pop_free(t->allowed, X509_free);
        cb_ca_set_done(&t->anchors);
        cb_ca_set_done(&t->intermediates);
        cb_rules_done(&t->rules);
        cb_verdicts_free(t->verdicts);
        free(t);
    }
}

size_t cb_trust_anchor_count(const struct cb_trust *t)
{
    return t->anchors.count;
}

const struct cb_authority *cb_trust_anchor_at(const struct cb_trust *t, size_t i)
{
    return t->anchors.all[i].authority;
}

size_t cb_trust_intermediate_count(const struct cb_trust *t)
{
    return t->intermediates.count;
}

const struct cb_authority *cb_trust_intermediate_at(const struct cb_trust *t, size_t i)
{
    return t->intermediates.all[i].authority;
}

const struct cb_authority *cb_trust_find(const struct cb_trust *t, const struct cb_key_hash *key)
{
    const struct cb_authority *found = cb_ca_set_of_key(&t->anchors, key);
    return found != NULL ? found : cb_ca_set_of_key(&t->intermediates, key);
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
    { X509_V_ERR_CERT_CHAIN_TOO_LONG, CB_E_CERT_CHAIN_LENGTH },
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

static cb_status refuse_chain(X509_STORE_CTX *ctx, bool only_allowed, struct cb_err *err)
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
        code = only_allowed ? CB_E_CERT_ISSUER_NOT_ALLOWED : code;
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
    CB_TRY_OSSL(X509_STORE_CTX_set_app_data(ctx, (void *)(uintptr_t)t), "chain validation: group");
    X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(p, (time_t)now);
    X509_VERIFY_PARAM_set_depth(p, CB_LIMIT_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
    /* An anchor is trusted for its key, also where it is an intermediate that the operator chose. */
    CB_TRY_OSSL(X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN), "chain validation: flags");
    /* What it is for is asked by cb_rules_check: a group may want something else than clientAuth. */
    CB_TRY_OSSL(X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_ANY), "chain validation: purpose");
    return CB_OK;
}

static cb_status verify(const struct cb_trust *t, const struct cb_cert *leaf, const struct cb_str *chain_ders,
                        size_t chain_count, int64_t now, struct cb_trust_path **out_path, struct cb_err *err)
{
    CB_AUTO(free_x509) X509 *x = decoded(leaf->der);
    CB_AUTO(free_x509s) STACK_OF(X509) *untrusted = presented(chain_ders, chain_count);
    CB_AUTO(free_ctx) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    ERR_clear_error();
    CB_ENSURE(ctx != NULL && untrusted != NULL, CB_E_MEMORY, "chain validation");
    CB_ENSURE(x != NULL, CB_E_CERT_MALFORMED, "the certificate does not decode");
    CB_TRY(prepare(ctx, t, x, t->allowed == NULL ? untrusted : t->allowed, now, err));
    const int ok = X509_verify_cert(ctx);
    ERR_clear_error();
    if (ok != 1) {
        return refuse_chain(ctx, t->allowed != NULL, err);
    }
    const struct cb_ca_set *const sets[] = { &t->anchors, &t->intermediates };
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    CB_TRY(cb_rules_check(&t->rules, leaf, chain, err));
    return cb_trust_path_new(leaf, chain, sets, CB_COUNT(sets), out_path, err);
}

cb_status cb_trust_check(const struct cb_trust *t, const struct cb_cert *leaf,
                         const struct cb_str *chain_ders, size_t chain_count, int64_t now,
                         struct cb_trust_path **out_path, struct cb_err *err)
{
    struct cb_chain_key key = { 0 };
    const size_t count = t->allowed == NULL ? chain_count : 0; /* what is presented then says nothing */
    CB_TRY(cb_chain_key_of(leaf->der, chain_ders, count, &key, err));
    CB_AUTO(auto_path) struct cb_trust_path *path = cb_verdicts_find(t->verdicts, &key, now);
    if (path == NULL) {
        CB_TRY(verify(t, leaf, chain_ders, count, now, &path, err));
        cb_verdicts_keep(t->verdicts, &key, path);
    }
    *out_path = CB_TAKE(path);
    return CB_OK;
}
