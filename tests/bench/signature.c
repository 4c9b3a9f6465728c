/* signature: what one ES256 signature costs, by a bare prepared EVP context (the floor) and by cb_sign. */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "jose/jws.h"
#include "load.h"

enum { ROUNDS = 20000, WARM_UP = 1000 };

static double bare_us(void)
{
    static const unsigned char digest[SHA256_DIGEST_LENGTH] = { 1 };
    unsigned char signature[128];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    load_need(ctx != NULL && EVP_PKEY_sign_init(ctx) == 1);
    double began = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        began = i == 0 ? load_cpu_us() : began;
        size_t n = sizeof signature;
        load_need(EVP_PKEY_sign(ctx, signature, &n, digest, sizeof digest) == 1);
    }
    const double each = (load_cpu_us() - began) / ROUNDS;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return each;
}

static double ours_us(void)
{
    static char claims[450]; /* about what an access token's header and payload take */
    uint8_t signature[CB_SIGNATURE_MAX];
    struct cb_sign_key *key = NULL;
    load_need(!CB_FAILED(cb_sign_key_generate(CB_ALG_ES256, &key, NULL)));
    double began = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        began = i == 0 ? load_cpu_us() : began;
        size_t n = 0;
        load_need(!CB_FAILED(cb_sign(key, (struct cb_str){ claims, sizeof claims }, signature, &n, NULL)));
    }
    const double each = (load_cpu_us() - began) / ROUNDS;
    cb_sign_key_free(key);
    return each;
}

int main(void)
{
    const double floor = bare_us();
    load_print("es256_signature", ours_us(), "us", floor);
    return 0;
}
