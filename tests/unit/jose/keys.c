#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "jose/jws.h"

TestSuite(keys);

static struct cb_sign_key *sign_key(enum cb_alg alg)
{
    struct cb_sign_key *k = NULL;
    cr_assert(!CB_FAILED(cb_sign_key_generate(alg, &k, NULL)));
    cr_assert_eq(cb_sign_key_alg(k), alg);
    return k;
}

/* The public half, by the PKCS #8 form: so that is tested too. */
static struct cb_verify_key *public_half(const struct cb_sign_key *k, struct cb_sign_key **out_copy)
{
    struct cb_buf der;
    cb_buf_init(&der, 4096);
    cr_assert(!CB_FAILED(cb_sign_key_to_pkcs8(k, &der, NULL)));
    cr_assert(!CB_FAILED(cb_sign_key_from_pkcs8(cb_buf_str(&der), cb_sign_key_alg(k), out_copy, NULL)));
    const unsigned char *at = (const unsigned char *)der.p;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.n);
    struct cb_verify_key *v = NULL;
    cr_assert(!CB_FAILED(cb_verify_key_from_pkey(pkey, cb_sign_key_alg(k), &v, NULL)));
    EVP_PKEY_free(pkey);
    cb_buf_done(&der);
    return v;
}

Test(keys, contexts_are_used_again_and_again)
{
    for (enum cb_alg alg = CB_ALG_NONE + 1; alg < CB_ALG__MAX; alg++) {
        struct cb_sign_key *k = sign_key(alg), *copy = NULL;
        struct cb_verify_key *v = public_half(k, &copy);
        for (int i = 0; i < 20; i++) {
            char message[16];
            const struct cb_str input = { message,
                                          (size_t)snprintf(message, sizeof message, "message %d", i) };
            uint8_t sig[CB_SIGNATURE_MAX];
            size_t n = 0;
            cr_assert(!CB_FAILED(cb_sign(i % 2 == 0 ? k : copy, input, sig, &n, NULL)));
            const struct cb_str s = { (char *)sig, n };
            cr_assert(!CB_FAILED(cb_verify(v, input, s, NULL)));

            struct cb_err err = { 0 };
            cr_assert(CB_FAILED(cb_verify(v, CB_STR("another"), s, &err)), "a failure between the successes");
            cr_assert_eq(err.code, CB_E_JWS_SIGNATURE);
            cr_assert_eq(ERR_peek_error(), 0, "nothing is left in the thread's error queue");
        }
        cb_verify_key_free(v);
        cb_sign_key_free(copy);
        cb_sign_key_free(k);
    }
}

Test(keys, signature_of_another_length_is_refused)
{
    for (enum cb_alg alg = CB_ALG_NONE + 1; alg < CB_ALG__MAX; alg++) {
        struct cb_sign_key *k = sign_key(alg), *copy = NULL;
        struct cb_verify_key *v = public_half(k, &copy);
        uint8_t sig[CB_SIGNATURE_MAX + 1] = { 0 };
        size_t n = 0;
        cr_assert(!CB_FAILED(cb_sign(k, CB_STR("m"), sig, &n, NULL)));
        const size_t lengths[] = { 0, 1, n - 1, n + 1 };
        for (size_t i = 0; i < CB_COUNT(lengths); i++) {
            struct cb_err err = { 0 };
            cr_assert(CB_FAILED(cb_verify(v, CB_STR("m"), (struct cb_str){ (char *)sig, lengths[i] }, &err)));
            cr_assert_eq(err.code, CB_E_JWS_SIGNATURE);
        }
        cb_verify_key_free(v);
        cb_sign_key_free(copy);
        cb_sign_key_free(k);
    }
}

/* RFC 7518 section 3.4: zero and the group order are no signature of anything. */
Test(keys, es256_of_zeros_is_refused)
{
    struct cb_sign_key *k = sign_key(CB_ALG_ES256), *copy = NULL;
    struct cb_verify_key *v = public_half(k, &copy);
    const uint8_t zeros[64] = { 0 };
    uint8_t ones[64];
    memset(ones, 0xff, sizeof ones);
    cr_assert(CB_FAILED(cb_verify(v, CB_STR("m"), (struct cb_str){ (const char *)zeros, 64 }, NULL)));
    cr_assert(CB_FAILED(cb_verify(v, CB_STR("m"), (struct cb_str){ (char *)ones, 64 }, NULL)));
    cb_verify_key_free(v);
    cb_sign_key_free(copy);
    cb_sign_key_free(k);
}

Test(keys, key_must_fit_its_algorithm)
{
    static const struct {
        const char *type;
        const char *group;
        size_t bits;
        enum cb_alg alg;
        enum cb_code code;
    } rows[] = {
        { "EC", "P-256", 0, CB_ALG_ES256, CB_E_NONE },   { "EC", "P-384", 0, CB_ALG_ES256, CB_E_JWK },
        { "EC", "P-256", 0, CB_ALG_PS256, CB_E_JWK },    { "EC", "P-256", 0, CB_ALG_EDDSA, CB_E_JWK },
        { "EC", "P-256", 0, CB_ALG_NONE, CB_E_JWS_ALG }, { "RSA", NULL, 1024, CB_ALG_PS256, CB_E_JWK },
        { "RSA", NULL, 2047, CB_ALG_PS256, CB_E_JWK },   { "RSA", NULL, 2048, CB_ALG_PS256, CB_E_NONE },
        { "RSA", NULL, 2048, CB_ALG_ES256, CB_E_JWK },   { "ED25519", NULL, 0, CB_ALG_EDDSA, CB_E_NONE },
        { "X25519", NULL, 0, CB_ALG_EDDSA, CB_E_JWK },   { "ED448", NULL, 0, CB_ALG_EDDSA, CB_E_JWK },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        EVP_PKEY *pkey = rows[i].group != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type, rows[i].group)
                         : rows[i].bits != 0   ? EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type, rows[i].bits)
                                               : EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type);
        cr_assert_not_null(pkey);
        struct cb_err err = { 0 };
        struct cb_verify_key *v = NULL;
        cr_assert_eq(CB_FAILED(cb_verify_key_from_pkey(pkey, rows[i].alg, &v, &err)),
                     rows[i].code != CB_E_NONE);
        cr_assert_eq(err.code, rows[i].code, "row %zu", i);
        cb_verify_key_free(v);
        EVP_PKEY_free(pkey);
    }
}

Test(keys, pkcs8_is_exact)
{
    struct cb_sign_key *k = sign_key(CB_ALG_ES256), *other = NULL;
    struct cb_buf der;
    cb_buf_init(&der, 4096);
    cr_assert(!CB_FAILED(cb_sign_key_to_pkcs8(k, &der, NULL)));
    const size_t n = der.n;
    cb_buf_add_char(&der, '\0');
    const size_t lengths[] = { 0, 1, n - 1, n + 1 };
    for (size_t i = 0; i < CB_COUNT(lengths); i++) {
        struct cb_err err = { 0 };
        cr_assert(CB_FAILED(
            cb_sign_key_from_pkcs8((struct cb_str){ der.p, lengths[i] }, CB_ALG_ES256, &other, &err)));
        cr_assert_eq(err.code, CB_E_KEY_FILE, "length %zu", lengths[i]);
    }
    struct cb_err err = { 0 };
    cr_assert(CB_FAILED(cb_sign_key_from_pkcs8((struct cb_str){ der.p, n }, CB_ALG_EDDSA, &other, &err)));
    cr_assert_eq(err.code, CB_E_JWK);
    cr_assert_null(other);
    cb_buf_done(&der);
    cb_sign_key_free(k);
}

Test(keys, nothing_to_free_is_fine)
{
    cb_sign_key_free(NULL);
    cb_verify_key_free(NULL);
    struct cb_sign_key *k = NULL;
    struct cb_err err = { 0 };
    cr_assert(CB_FAILED(cb_sign_key_generate(CB_ALG_NONE, &k, &err)));
    cr_assert_eq(err.code, CB_E_JWS_ALG);
}
