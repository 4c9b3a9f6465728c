/* verifier: what one call of certbound_verify costs, for a token not seen before and for one that was,
 * binding to an 800-byte certificate included. The floor is one bare ES256 verification by a prepared EVP
 * context, in turns with the others because the machine may be shared; medians count. */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "jose/base64url.h"
#include "load.h"
#include "testlib/issuer.h"

enum { ROUNDS = 9, TOKENS = 1000, HITS = 20000, INPUT = 400, CERTIFICATE = 800 };

struct bare {
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    EVP_MD_CTX *md;
    unsigned char input[INPUT], signature[80];
    size_t n;
};

static void hash(const struct bare *b, unsigned char out[32])
{
    load_need(EVP_DigestInit_ex2(b->md, NULL, NULL) == 1 &&
              EVP_DigestUpdate(b->md, b->input, sizeof b->input) == 1 &&
              EVP_DigestFinal_ex(b->md, out, NULL) == 1);
}

static void bare_init(struct bare *b)
{
    unsigned char digest[32];
    *b = (struct bare){ .key = EVP_EC_gen("P-256"), .md = EVP_MD_CTX_new(), .n = sizeof b->signature };
    load_need(EVP_DigestInit_ex2(b->md, EVP_sha256(), NULL) == 1);
    hash(b, digest);
    EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(b->key, NULL);
    load_need(EVP_PKEY_sign_init(sign) == 1 &&
              EVP_PKEY_sign(sign, b->signature, &b->n, digest, sizeof digest) == 1);
    EVP_PKEY_CTX_free(sign);
    b->ctx = EVP_PKEY_CTX_new(b->key, NULL);
    load_need(EVP_PKEY_verify_init(b->ctx) == 1);
}

static double bare_us(struct bare *b)
{
    const double began = load_cpu_us();
    for (int i = 0; i < TOKENS; i++) {
        unsigned char digest[32];
        hash(b, digest);
        load_need(EVP_PKEY_verify(b->ctx, b->signature, b->n, digest, sizeof digest) == 1);
    }
    return (load_cpu_us() - began) / TOKENS;
}

struct job {
    struct issuer issuer;
    char certificate[CERTIFICATE];
    char *tokens[TOKENS];
    size_t n[TOKENS];
};

static void job_init(struct job *j)
{
    j->issuer = issuer_new();
    memset(j->certificate, 0x30, sizeof j->certificate);
    unsigned char x5t[32];
    char cnf[64] = "{\"x5t#S256\":\"";
    load_need(EVP_Digest(j->certificate, sizeof j->certificate, x5t, NULL, EVP_sha256(), NULL));
    cb_base64url_encode(x5t, sizeof x5t, cnf + strlen(cnf));
    memcpy(cnf + strlen(cnf), "\"}", 3);
    for (int i = 0; i < TOKENS; i++) {
        j->tokens[i] = issuer_token(&j->issuer, "cnf", cnf); /* its signature is random, and so is its hash */
        j->n[i] = strlen(j->tokens[i]);
    }
}

static double verify_us(const struct job *j, int count, bool same)
{
    const double began = load_cpu_us();
    for (int i = 0; i < count; i++) {
        const int t = same ? 0 : i;
        certbound_claims *c = certbound_verify(j->issuer.verifier, j->tokens[t], j->n[t], j->certificate,
                                               sizeof j->certificate, NOW, NULL);
        load_need(c != NULL);
        certbound_claims_free(c);
    }
    return (load_cpu_us() - began) / count;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_size);
    return values[ROUNDS / 2];
}

int main(void)
{
    static struct job j;
    static struct bare b;
    double floor[ROUNDS], unseen[ROUNDS], seen[ROUNDS];
    bare_init(&b);
    job_init(&j);
    (void)verify_us(&j, 1, true);
    for (int r = 0; r < ROUNDS; r++) {
        load_need(certbound_verifier_set_cache_size(j.issuer.verifier, 4 * TOKENS) ==
                  CERTBOUND_OK); /* forgets all */
        floor[r] = bare_us(&b);
        unseen[r] = verify_us(&j, TOKENS, false);
        seen[r] = verify_us(&j, HITS, true);
    }
    const double each = median(floor);
    (void)printf("token of %zu bytes, certificate of %d\n", j.n[0], CERTIFICATE);
    load_print("verifier_uncached", median(unseen), "us", each);
    load_print("verifier_cached", median(seen), "us", each);
    for (int i = 0; i < TOKENS; i++) {
        free(j.tokens[i]);
    }
    issuer_free(&j.issuer);
    EVP_MD_CTX_free(b.md);
    EVP_PKEY_CTX_free(b.ctx);
    EVP_PKEY_free(b.key);
    return 0;
}
