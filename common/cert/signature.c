#include "cert/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/result.h"
#include "cert/der.h"

#define OID_PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define OID_ECDSA "\x2a\x86\x48\xce\x3d\x04\x03"
#define OID_SHA2  "\x60\x86\x48\x01\x65\x03\x04\x02"

static const struct {
    const char *oid;
    bool null_parameters; /* RFC 4055 section 5: NULL, and absent is to be accepted; the others have none */
    struct cb_signature_algorithm algorithm;
} algorithms[] = {
    { OID_PKCS1 "\x0b", true, { .key = "RSA", .digest = "SHA256" } },
    { OID_PKCS1 "\x0c", true, { .key = "RSA", .digest = "SHA384" } },
    { OID_PKCS1 "\x0d", true, { .key = "RSA", .digest = "SHA512" } },
    { OID_ECDSA "\x02", false, { .key = "EC", .digest = "SHA256" } },
    { OID_ECDSA "\x03", false, { .key = "EC", .digest = "SHA384" } },
    { OID_ECDSA "\x04", false, { .key = "EC", .digest = "SHA512" } },
    { "\x2b\x65\x70", false, { .key = "ED25519" } },
    { "\x2b\x65\x71", false, { .key = "ED448" } },
};

static const struct {
    const char *oid;
    const char *name;
} digests[] = {
    { OID_SHA2 "\x01", "SHA256" },
    { OID_SHA2 "\x02", "SHA384" },
    { OID_SHA2 "\x03", "SHA512" },
};

/* --- AlgorithmIdentifier --- */

/* NULL or absent, and nothing behind it. */
static bool no_parameters(struct cb_str rest, bool null_allowed)
{
    return rest.n == 0 || (null_allowed && cb_str_eq(rest, CB_STR("\x05\x00")));
}

static bool take_identifier(struct cb_str *rest, struct cb_str *out_oid, struct cb_str *out_parameters)
{
    return cb_der_take(rest, CB_DER_SEQUENCE, out_parameters) &&
           cb_der_take(out_parameters, CB_DER_OID, out_oid);
}

/* The whole of `from` is the identifier of a digest; NULL: of none that is good enough. */
static const char *digest_of(struct cb_str from)
{
    struct cb_str oid = { 0 }, parameters = { 0 };
    if (!take_identifier(&from, &oid, &parameters) || from.n > 0 || !no_parameters(parameters, true)) {
        return NULL;
    }
    for (size_t i = 0; i < CB_COUNT(digests); i++) {
        if (cb_str_is(oid, digests[i].oid)) {
            return digests[i].name;
        }
    }
    return NULL;
}

/* RFC 4055 section 3.1: RSASSA-PSS-params. What is left out means SHA-1, which is not good enough. */
static bool read_pss(struct cb_str from, struct cb_signature_algorithm *out)
{
    struct cb_str list = { 0 }, digest = { 0 }, mask = { 0 }, salt = { 0 }, trailer = { 0 };
    struct cb_str mask_oid = { 0 }, mask_digest = { 0 }, octets = { 0 };
    if (!cb_der_take(&from, CB_DER_SEQUENCE, &list) || from.n > 0 || !cb_der_take(&list, 0xa0, &digest) ||
        !cb_der_take(&list, 0xa1, &mask) || !cb_der_take(&list, 0xa2, &salt)) {
        return false;
    }
    const bool has_trailer = cb_der_take(&list, 0xa3, &trailer);
    if (list.n > 0 || (has_trailer && !cb_str_eq(trailer, CB_STR("\x02\x01\x01")))) {
        return false;
    }
    const char *name = digest_of(digest);
    const bool is_mgf1 = take_identifier(&mask, &mask_oid, &mask_digest) && mask.n == 0 &&
                         cb_str_eq(mask_oid, CB_STR(OID_PKCS1 "\x08"));
    if (name == NULL || !is_mgf1 || digest_of(mask_digest) != name) {
        return false;
    }
    if (!cb_der_take(&salt, CB_DER_INTEGER, &octets) || salt.n > 0 || octets.n != 1 || octets.p[0] < 0) {
        return false;
    }
    *out = (struct cb_signature_algorithm){ .key = "RSA", .digest = name, .pss = true, .salt = octets.p[0] };
    return true;
}

bool cb_signature_algorithm_of(struct cb_str identifier, struct cb_signature_algorithm *out)
{
    struct cb_str oid = { 0 }, parameters = { 0 };
    if (!take_identifier(&identifier, &oid, &parameters) || identifier.n > 0) {
        return false;
    }
    if (cb_str_eq(oid, CB_STR(OID_PKCS1 "\x0a"))) {
        return read_pss(parameters, out);
    }
    for (size_t i = 0; i < CB_COUNT(algorithms); i++) {
        if (cb_str_is(oid, algorithms[i].oid)) {
            *out = algorithms[i].algorithm;
            return no_parameters(parameters, algorithms[i].null_parameters);
        }
    }
    return false;
}

/* --- verification --- */

static void free_key(EVP_PKEY **k)
{
    EVP_PKEY_free(*k);
}

static void free_ctx(EVP_MD_CTX **c)
{
    EVP_MD_CTX_free(*c);
}

static bool is_of_kind(const EVP_PKEY *key, const struct cb_signature_algorithm *a)
{
    return EVP_PKEY_is_a(key, a->key) || (a->pss && EVP_PKEY_is_a(key, "RSA-PSS"));
}

static bool prepare(EVP_MD_CTX *ctx, const struct cb_signature_algorithm *a, EVP_PKEY *key)
{
    EVP_PKEY_CTX *settings = NULL;
    if (EVP_DigestVerifyInit_ex(ctx, &settings, a->digest, NULL, NULL, key, NULL) != 1) {
        return false;
    }
    return !a->pss || (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
                       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, a->salt) == 1 &&
                       EVP_PKEY_CTX_set_rsa_mgf1_md_name(settings, a->digest, NULL) == 1);
}

bool cb_signature_verifies(const struct cb_signature_algorithm *algorithm, struct cb_str public_key,
                           struct cb_str data, struct cb_str signature)
{
    const unsigned char *der = (const unsigned char *)public_key.p;
    const unsigned char *bits = (const unsigned char *)signature.p;
    if (signature.n == 0 || bits[0] != 0) {
        return false;
    }
    CB_AUTO(free_key) EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)public_key.n);
    CB_AUTO(free_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool good =
        key != NULL && ctx != NULL && is_of_kind(key, algorithm) && prepare(ctx, algorithm, key) &&
        EVP_DigestVerify(ctx, bits + 1, signature.n - 1, (const unsigned char *)data.p, data.n) == 1;
    ERR_clear_error();
    return good;
}
