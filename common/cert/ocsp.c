#include "cert/ocsp.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cert/crl.h"
#include "cert/der.h"
#include "cert/ocsp_id.h"
#include "cert/signature.h"

enum { SECURITY_LEVEL = 2 }; /* OpenSSL's 112 bits, as for chains */

static void free_response(OCSP_RESPONSE **r)
{
    OCSP_RESPONSE_free(*r);
}

static void free_basic(OCSP_BASICRESP **b)
{
    OCSP_BASICRESP_free(*b);
}

static void free_x509(X509 **x)
{
    X509_free(*x);
}

static void free_stack(STACK_OF(X509) * *s)
{
    sk_X509_free(*s);
}

static void free_store(X509_STORE **s)
{
    X509_STORE_free(*s);
}

static void free_id(OCSP_CERTID **id)
{
    OCSP_CERTID_free(*id);
}

static void free_der(unsigned char **p)
{
    OPENSSL_free(*p);
}

/* --- the envelope --- */

static cb_status open_response(struct cb_str bytes, OCSP_BASICRESP **out, struct cb_err *err)
{
    const unsigned char *p = (const unsigned char *)bytes.p, *end = p + bytes.n;
    CB_ENSURE(bytes.n > 0 && bytes.n <= CB_LIMIT_OCSP_RESPONSE, CB_E_OCSP_MALFORMED,
              "a response of %zu bytes, at most %zu", bytes.n, CB_LIMIT_OCSP_RESPONSE);
    CB_AUTO(free_response) OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)bytes.n);
    CB_ENSURE(response != NULL && p == end, CB_E_OCSP_MALFORMED, "the response does not decode");
    const int status = OCSP_response_status(response);
    CB_ENSURE(status != OCSP_RESPONSE_STATUS_TRYLATER, CB_E_OCSP_TRY_LATER, "the responder says tryLater");
    CB_ENSURE(status == OCSP_RESPONSE_STATUS_SUCCESSFUL, CB_E_OCSP_REFUSED, "the responder says %s",
              OCSP_response_status_str(status));
    *out = OCSP_response_get1_basic(response);
    CB_ENSURE(*out != NULL, CB_E_OCSP_MALFORMED, "the response is not of the basic kind");
    return CB_OK;
}

/* --- who answered --- */

static cb_status check_algorithm(const OCSP_BASICRESP *basic, struct cb_err *err)
{
    struct cb_signature_algorithm algorithm = { .key = NULL };
    CB_AUTO(free_der) unsigned char *der = NULL;
    const int n = i2d_X509_ALGOR(OCSP_resp_get0_tbs_sigalg(basic), &der);
    CB_ENSURE(n > 0 && cb_signature_algorithm_of((struct cb_str){ (const char *)der, (size_t)n }, &algorithm),
              CB_E_OCSP_ALGORITHM,
              "the signature of the response is neither RSA, ECDSA nor EdDSA with SHA-256 or better");
    return CB_OK;
}

/* A store in which the issuer alone is trusted, for what it is: no chain leads past it. */
static X509_STORE *store_of(X509 *issuer, int64_t now)
{
    CB_AUTO(free_store) X509_STORE *store = X509_STORE_new();
    if (store == NULL || X509_STORE_add_cert(store, issuer) != 1 ||
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1) {
        return NULL;
    }
    X509_VERIFY_PARAM *p = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(p, (time_t)now);
    X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
    return CB_TAKE(store);
}

static cb_status check_signer(OCSP_BASICRESP *basic, X509 *issuer, int64_t now, struct cb_err *err)
{
    CB_AUTO(free_store) X509_STORE *store = store_of(issuer, now);
    CB_AUTO(free_stack) STACK_OF(X509) *known = sk_X509_new_null();
    CB_ENSURE(store != NULL && known != NULL && sk_X509_push(known, issuer) > 0, CB_E_MEMORY,
              "OCSP response");
    if (OCSP_basic_verify(basic, known, store, OCSP_NOEXPLICIT) == 1) {
        return CB_OK;
    }
    const int why = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    CB_ENSURE(why != OCSP_R_SIGNATURE_FAILURE, CB_E_OCSP_SIGNATURE,
              "the signature of the response does not verify");
    CB_REFUSE(CB_E_OCSP_SIGNER, "the response is signed neither by the issuer nor by whom it lets answer");
}

static bool same_key(const X509 *a, const X509 *b)
{
    return EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) == 1;
}

/* RFC 6960 section 4.2.2.2.1: the responder's own certificate can be revoked too. */
static cb_status find_delegate(OCSP_BASICRESP *basic, X509 *issuer, struct cb_ocsp_answer *out,
                               struct cb_err *err)
{
    CB_AUTO(free_stack) STACK_OF(X509) *known = sk_X509_new_null();
    X509 *signer = NULL;
    CB_ENSURE(known != NULL && sk_X509_push(known, issuer) > 0, CB_E_MEMORY, "OCSP response");
    CB_ENSURE(OCSP_resp_get0_signer(basic, &signer, known) == 1, CB_E_OCSP_SIGNER,
              "the signer of the response is not there");
    if (same_key(signer, issuer) || X509_get_ext_by_NID(signer, NID_id_pkix_OCSP_noCheck, -1) >= 0) {
        return CB_OK;
    }
    CB_AUTO(free_der) unsigned char *der = NULL;
    const int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(signer), &der);
    struct cb_str rest = { (const char *)der, n > 0 ? (size_t)n : 0 }, serial = { 0 };
    CB_ENSURE(cb_der_take(&rest, CB_DER_INTEGER, &serial) && serial.n <= sizeof out->delegate,
              CB_E_OCSP_MALFORMED, "the serial number of the responder is too long");
    memcpy(out->delegate, serial.p, serial.n);
    out->delegate_n = serial.n;
    return CB_OK;
}

/* --- what it says --- */

/* What is marked critical and not understood might change what the answer means. */
static bool is_critical(const X509_EXTENSION *e)
{
    return OBJ_obj2nid(X509_EXTENSION_get_object((X509_EXTENSION *)(uintptr_t)e)) != NID_id_pkix_OCSP_Nonce &&
           X509_EXTENSION_get_critical(e) != 0;
}

static cb_status check_extensions(OCSP_BASICRESP *basic, OCSP_SINGLERESP *single, struct cb_err *err)
{
    bool understood = true;
    for (int i = 0; i < OCSP_BASICRESP_get_ext_count(basic); i++) {
        understood = understood && !is_critical(OCSP_BASICRESP_get_ext(basic, i));
    }
    for (int i = 0; i < OCSP_SINGLERESP_get_ext_count(single); i++) {
        understood = understood && !is_critical(OCSP_SINGLERESP_get_ext(single, i));
    }
    CB_ENSURE(understood, CB_E_OCSP_MALFORMED, "a critical extension of the response is not understood");
    return CB_OK;
}

/* RFC 8954: an OCTET STRING in the extension's own. */
static cb_status check_nonce(OCSP_BASICRESP *basic, const uint8_t nonce[CB_OCSP_NONCE], struct cb_err *err)
{
    const int at = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
    struct cb_str octets = { 0 };
    if (at < 0) {
        return CB_OK;
    }
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, at));
    struct cb_str rest = { (const char *)ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value) };
    CB_ENSURE(cb_der_take(&rest, CB_DER_OCTET_STRING, &octets) &&
                  cb_str_eq(octets, (struct cb_str){ (const char *)nonce, CB_OCSP_NONCE }),
              CB_E_OCSP_NONCE, "the response is to another request");
    return CB_OK;
}

static cb_status find_single(OCSP_BASICRESP *basic, const struct cb_ocsp_subject *s, const X509 *issuer,
                             OCSP_SINGLERESP **out, struct cb_err *err)
{
    int found = -1;
    for (enum cb_ocsp_hash hash = CB_OCSP_SHA1; hash < CB_OCSP_HASH__MAX; hash++) {
        CB_AUTO(free_id) OCSP_CERTID *id = cb_ocsp_id(s, issuer, hash);
        CB_ENSURE(id != NULL, CB_E_CERT_MALFORMED, "a certificate that is asked about does not decode");
        const int at = OCSP_resp_find(basic, id, -1);
        CB_ENSURE(at < 0 || (found < 0 && OCSP_resp_find(basic, id, at) < 0), CB_E_OCSP_MALFORMED,
                  "the response says two things of one certificate");
        found = at >= 0 ? at : found;
    }
    CB_ENSURE(found >= 0, CB_E_OCSP_OTHER_CERTIFICATE, "the response says nothing of this certificate");
    *out = OCSP_resp_get0(basic, found);
    return CB_OK;
}

static cb_status seconds_of(const ASN1_GENERALIZEDTIME *t, int64_t *out, struct cb_err *err)
{
    struct tm tm = { 0 };
    CB_ENSURE(t != NULL && ASN1_TIME_to_tm(t, &tm) == 1, CB_E_OCSP_MALFORMED,
              "a time of the response does not decode");
    *out = (int64_t)timegm(&tm);
    return CB_OK;
}

static cb_status check_times(const struct cb_ocsp_answer *a, int64_t now, struct cb_err *err)
{
    char when[CB_TIME_TEXT];
    cb_time_text(a->this_update, when);
    CB_ENSURE(a->this_update <= now + CB_CLOCK_SKEW_S, CB_E_OCSP_NOT_YET_VALID, "the answer is of %s", when);
    CB_ENSURE(a->this_update < a->next_update, CB_E_OCSP_MALFORMED,
              "nextUpdate of the answer is not after its thisUpdate");
    cb_time_text(a->next_update, when);
    CB_ENSURE(now < a->next_update, CB_E_OCSP_EXPIRED, "the answer ended at %s", when);
    return CB_OK;
}

static cb_status read_single(OCSP_SINGLERESP *single, int64_t now, struct cb_ocsp_answer *out,
                             struct cb_err *err)
{
    static const enum cb_ocsp_status statuses[] = { [V_OCSP_CERTSTATUS_GOOD] = CB_OCSP_GOOD,
                                                    [V_OCSP_CERTSTATUS_REVOKED] = CB_OCSP_REVOKED,
                                                    [V_OCSP_CERTSTATUS_UNKNOWN] = CB_OCSP_UNKNOWN };
    ASN1_GENERALIZEDTIME *revoked = NULL, *this_update = NULL, *next_update = NULL;
    int reason = OCSP_REVOKED_STATUS_NOSTATUS;
    const int status = OCSP_single_get0_status(single, &reason, &revoked, &this_update, &next_update);
    CB_ENSURE(status >= 0 && (size_t)status < CB_COUNT(statuses), CB_E_OCSP_MALFORMED,
              "the status of the certificate does not decode");
    CB_TRY(seconds_of(this_update, &out->this_update, err));
    out->next_update = out->this_update + CB_OCSP_AGE_S;
    if (next_update != NULL) {
        CB_TRY(seconds_of(next_update, &out->next_update, err));
    }
    if (status == V_OCSP_CERTSTATUS_REVOKED) {
        CB_TRY(seconds_of(revoked, &out->revoked_at, err));
        out->reason = cb_crl_reason(reason == OCSP_REVOKED_STATUS_NOSTATUS ? 0 : (unsigned)reason);
    }
    out->status = statuses[status];
    return check_times(out, now, err);
}

cb_status cb_ocsp_read(struct cb_str response, const struct cb_ocsp_subject *s,
                       const uint8_t nonce[CB_OCSP_NONCE], int64_t now, struct cb_ocsp_answer *out,
                       struct cb_err *err)
{
    struct cb_ocsp_answer answer = { .status = CB_OCSP_UNKNOWN };
    OCSP_SINGLERESP *single = NULL;
    ERR_clear_error();
    CB_AUTO(free_basic) OCSP_BASICRESP *basic = NULL;
    CB_AUTO(free_x509) X509 *issuer = cb_ocsp_issuer(s);
    CB_ENSURE(issuer != NULL, CB_E_CERT_MALFORMED, "the issuer does not decode");
    const cb_status opened = open_response(response, &basic, err);
    ERR_clear_error();
    CB_TRY(opened);
    CB_TRY(check_algorithm(basic, err));
    CB_TRY(check_signer(basic, issuer, now, err));
    CB_TRY(check_nonce(basic, nonce, err));
    CB_TRY(find_single(basic, s, issuer, &single, err));
    CB_TRY(check_extensions(basic, single, err));
    CB_TRY(find_delegate(basic, issuer, &answer, err));
    CB_TRY(read_single(single, now, &answer, err));
    *out = answer;
    return CB_OK;
}
