/* Memory that runs out at the first, second, third ... allocation of a call: no crash, no leak, and always a
 * refusal. A program of its own, because malloc is its own. */
#include <stdio.h>
#include <stdlib.h>

#include "testlib/issuer.h"

#define EXPORTED __attribute__((visibility("default"))) /* for the libraries too */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static long live, until_failure = -1; /* -1: never */
static bool failed;

static bool refuse(void)
{
    failed = failed || until_failure == 0;
    return until_failure >= 0 && until_failure-- <= 0 && (until_failure = 0, true);
}

EXPORTED void *malloc(size_t n)
{
    void *p = refuse() ? NULL : __libc_malloc(n);
    live += p != NULL;
    return p;
}

EXPORTED void *calloc(size_t count, size_t n)
{
    void *p = refuse() ? NULL : __libc_calloc(count, n);
    live += p != NULL;
    return p;
}

EXPORTED void *realloc(void *old, size_t n)
{
    void *p = refuse() ? NULL : __libc_realloc(old, n);
    live += p != NULL && old == NULL;
    return p;
}

EXPORTED void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}

static struct issuer issuer;
static char *token, *jwks;

/* Each does one thing and says whether it was done. */
static bool verify(void)
{
    certbound_code why = CERTBOUND_OK;
    certbound_claims *c =
        certbound_verify(issuer.verifier, token, strlen(token), test_der().p, test_der().n, NOW, &why);
    const bool done = c != NULL;
    if (done != (why == CERTBOUND_OK)) {
        (void)fprintf(stderr, "claims and code disagree: %s\n", certbound_code_name(why));
        abort();
    }
    certbound_claims_free(c);
    return done;
}

static bool set_jwks(void)
{
    const certbound_code code = certbound_verifier_set_jwks(issuer.verifier, jwks, strlen(jwks));
    return code == CERTBOUND_OK;
}

static bool set_names(void)
{
    return certbound_verifier_set_issuer(issuer.verifier, ISSUER) == CERTBOUND_OK &&
           certbound_verifier_set_audience(issuer.verifier, AUDIENCE) == CERTBOUND_OK;
}

static bool set_cache_size(void)
{
    return certbound_verifier_set_cache_size(issuer.verifier, 1000) == CERTBOUND_OK;
}

static bool new_verifier(void)
{
    certbound_verifier *v = certbound_verifier_new();
    const bool done = v != NULL;
    certbound_verifier_free(v);
    return done;
}

static void forget_tokens(void)
{
    (void)certbound_verifier_set_clock_skew(issuer.verifier, 10);
}

/* The number of allocations a call makes; -1 when one that failed did not make the call fail. */
static long walk(bool (*call)(void))
{
    for (long n = 0;; n++) {
        forget_tokens();
        failed = false;
        until_failure = n;
        const bool done = call();
        until_failure = -1;
        if (!failed) {
            return done ? n : -1;
        }
        if (done) {
            return -1;
        }
    }
}

static bool survives(const char *name, bool (*call)(void))
{
    for (int settle = 0; settle < 3; settle++) { /* OpenSSL keeps memory for errors once it has had some */
        (void)walk(call);
    }
    const long before = live;
    const long count = walk(call);
    const long lost = live - before;
    (void)printf("%s: %ld allocations, %ld lost\n", name, count, lost);
    return count > 0 && lost == 0 && verify();
}

int main(void)
{
    issuer = issuer_new();
    token = issuer_token(&issuer, NULL, NULL);
    jwks = test_jwks(&issuer.es256, 1);
    const bool good = verify() && survives("verify", verify) && survives("set_jwks", set_jwks) &&
                      survives("set_issuer, set_audience", set_names) &&
                      survives("set_cache_size", set_cache_size) && survives("new", new_verifier);
    free(token);
    free(jwks);
    issuer_free(&issuer);
    return good ? 0 : 1;
}
