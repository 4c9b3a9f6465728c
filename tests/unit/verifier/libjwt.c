/* An independent implementation makes the token. */
#include <criterion/criterion.h>
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "testlib/issuer.h"

TestSuite(libjwt);

static char *private_pem(const struct cb_sign_key *key)
{
    struct cb_buf der;
    cb_buf_init(&der, 4096);
    cr_assert(!CB_FAILED(cb_sign_key_to_pkcs8(key, &der, NULL)));
    const unsigned char *at = (const unsigned char *)der.p;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.n);
    BIO *bio = BIO_new(BIO_s_mem());
    cr_assert_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
    char *text = NULL;
    const long n = BIO_get_mem_data(bio, &text);
    char *pem = strndup(text, (size_t)n);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    cb_buf_done(&der);
    return pem;
}

Test(libjwt, its_token_is_accepted_but_for_the_typ)
{
    struct issuer i = issuer_new();
    char *pem = private_pem(i.es256);
    char *payload = test_payload(NULL, NULL);
    jwt_t *jwt = NULL;
    cr_assert_eq(jwt_new(&jwt), 0);
    cr_assert_eq(jwt_add_grants_json(jwt, payload), 0);
    cr_assert_eq(jwt_add_header(jwt, "typ", "at+jwt"), 0);
    cr_assert_eq(jwt_add_header(jwt, "kid", "ES256"), 0);
    cr_assert_eq(jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)pem, (int)strlen(pem)), 0);
    char *token = jwt_encode_str(jwt);
    cr_assert_not_null(token);
    /* libjwt 1.10 writes typ JWT whatever it is told: then that, and only that, is wrong with its token. The
     * unit tests of jose/ judge its signature. */
    const bool typ_kept = strcmp(jwt_get_header(jwt, "typ"), "at+jwt") == 0;
    cr_assert_eq(verdict(i.verifier, token, test_der(), NOW), typ_kept ? CERTBOUND_OK : CERTBOUND_E_TYP);
    free(token);
    jwt_free(jwt);
    free(payload);
    free(pem);
    issuer_free(&i);
}
