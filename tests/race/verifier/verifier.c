/* Many threads verify while one changes the settings: every verdict is one that some setting gives, and a
 * change that has returned holds for every call after it, remembered tokens or not. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "testlib/issuer.h"

enum { THREADS = 6, CHANGES = 200 };

static struct issuer ours, theirs; /* the verifier is ours */
static char *token_ours, *token_theirs, *jwks_ours, *jwks_theirs;
static struct cb_str der;
static bool stop;
static pthread_mutex_t stop_lock = PTHREAD_MUTEX_INITIALIZER;

static bool stopped(void)
{
    (void)pthread_mutex_lock(&stop_lock);
    const bool now = stop;
    (void)pthread_mutex_unlock(&stop_lock);
    return now;
}

static certbound_code ask(const char *token)
{
    return verdict(ours.verifier, token, der, NOW);
}

/* What keys, issuer or memory may be at this moment. */
static bool possible(certbound_code code)
{
    return code == CERTBOUND_OK || code == CERTBOUND_E_SIGNATURE || code == CERTBOUND_E_ISSUER;
}

static void *verify(void *argument)
{
    long *wrong = argument;
    while (!stopped()) {
        *wrong += !possible(ask(token_ours)) + !possible(ask(token_theirs));
        *wrong += verdict(ours.verifier, token_ours, CB_STR("another"), NOW) == CERTBOUND_OK;
    }
    return NULL;
}

static void need(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void change(void)
{
    certbound_verifier *v = ours.verifier;
    need(certbound_verifier_set_jwks(v, jwks_theirs, strlen(jwks_theirs)) == CERTBOUND_OK, "set_jwks");
    need(ask(token_ours) == CERTBOUND_E_SIGNATURE && ask(token_theirs) == CERTBOUND_OK, "their keys");
    need(certbound_verifier_set_issuer(v, "https://other.example") == CERTBOUND_OK, "set_issuer");
    need(ask(token_theirs) == CERTBOUND_E_ISSUER, "another issuer");
    need(certbound_verifier_set_cache_size(v, (size_t)rand() % 3 * 1000) == CERTBOUND_OK, "set_cache_size");
    need(certbound_verifier_set_jwks(v, "{}", 2) == CERTBOUND_E_JWKS, "a bad set");
    need(certbound_verifier_set_jwks(v, jwks_ours, strlen(jwks_ours)) == CERTBOUND_OK, "set_jwks");
    need(ask(token_ours) == CERTBOUND_E_ISSUER, "still another issuer");
    need(certbound_verifier_set_issuer(v, ISSUER) == CERTBOUND_OK, "set_issuer");
    need(ask(token_ours) == CERTBOUND_OK && ask(token_theirs) == CERTBOUND_E_SIGNATURE, "our keys");
}

int main(void)
{
    der = test_der();
    ours = issuer_new();
    theirs = issuer_new();
    token_ours = issuer_token(&ours, NULL, NULL);
    token_theirs = issuer_token(&theirs, NULL, NULL);
    jwks_ours = test_jwks(&ours.es256, 1);
    jwks_theirs = test_jwks(&theirs.es256, 1);
    pthread_t threads[THREADS];
    long wrong[THREADS] = { 0 }, total = 0;
    for (int i = 0; i < THREADS; i++) {
        need(pthread_create(&threads[i], NULL, verify, &wrong[i]) == 0, "thread");
    }
    for (int i = 0; i < CHANGES; i++) {
        change();
    }
    (void)pthread_mutex_lock(&stop_lock);
    stop = true;
    (void)pthread_mutex_unlock(&stop_lock);
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        total += wrong[i];
    }
    free(token_ours);
    free(token_theirs);
    free(jwks_ours);
    free(jwks_theirs);
    issuer_free(&ours);
    issuer_free(&theirs);
    (void)printf("%ld verdicts that no setting gives\n", total);
    return total == 0 ? 0 : 1;
}
