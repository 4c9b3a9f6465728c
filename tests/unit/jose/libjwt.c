/* An independent implementation judges our ES256, and we judge its. */
#include <criterion/criterion.h>
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jws.h"

TestSuite(libjwt);

Test(libjwt, accepts_our_es256)
{
    struct cb_sign_key *k = NULL;
    cr_assert(!CB_FAILED(cb_sign_key_generate(CB_ALG_ES256, &k, NULL)));
    struct cb_buf pem, token, header;
    cb_buf_init(&pem, 1024);
    cb_buf_init(&token, 1024);
    cb_buf_init(&header, 256);
    cr_assert(!CB_FAILED(cb_sign_key_public_pem(k, &pem, NULL)));
    /* libjwt 1.10 refuses every typ but JWT, so it cannot judge at+jwt itself. */
    const struct cb_str json = CB_STR("{\"alg\":\"ES256\",\"typ\":\"JWT\"}");
    cb_base64url_add(&header, json.p, json.n);
    cr_assert(!CB_FAILED(cb_jws_write(k, cb_buf_str(&header), CB_STR("{\"sub\":\"a\"}"), &token, NULL)));
    cb_buf_add_char(&token, '\0');

    jwt_t *jwt = NULL;
    cr_assert_eq(jwt_decode(&jwt, token.p, (const unsigned char *)pem.p, (int)pem.n), 0);
    cr_assert_eq(jwt_get_alg(jwt), JWT_ALG_ES256);
    cr_assert_str_eq(jwt_get_grant(jwt, "sub"), "a");
    jwt_free(jwt);

    token.p[token.n - 10] = token.p[token.n - 10] == 'A' ? 'B' : 'A';
    cr_assert_neq(jwt_decode(&jwt, token.p, (const unsigned char *)pem.p, (int)pem.n), 0);
    cb_buf_done(&pem);
    cb_buf_done(&token);
    cb_buf_done(&header);
    cb_sign_key_free(k);
}

Test(libjwt, its_es256_is_accepted_by_us)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    cr_assert_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
    char *pem = NULL;
    const long pem_n = BIO_get_mem_data(bio, &pem);

    jwt_t *jwt = NULL;
    cr_assert_eq(jwt_new(&jwt), 0);
    cr_assert_eq(jwt_add_grant(jwt, "sub", "b"), 0);
    cr_assert_eq(jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)pem, (int)pem_n), 0);
    char *text = jwt_encode_str(jwt);
    cr_assert_not_null(text);

    struct cb_verify_key *v = NULL;
    cr_assert(!CB_FAILED(cb_verify_key_from_pkey(pkey, CB_ALG_ES256, &v, NULL)));
    struct cb_arena a;
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    struct cb_jws_raw raw;
    cr_assert(!CB_FAILED(cb_jws_split(&a, cb_str_of(text), &raw, NULL)));
    cr_assert(cb_str_is(raw.payload_json, "{\"sub\":\"b\"}"));
    cr_assert(!CB_FAILED(cb_verify(v, raw.signing_input, raw.signature, NULL)));

    cb_arena_done(&a);
    cb_verify_key_free(v);
    free(text);
    jwt_free(jwt);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
}
