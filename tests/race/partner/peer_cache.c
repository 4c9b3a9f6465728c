/* Many threads pass on the requests of few partners: each finds the certificate that its key stands for, and
 * none is in two hands at a time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "partner/peer_cache.h"
#include "testlib/pki.h"

enum { THREADS = 8, ROUNDS = 2000, PARTNERS = 8 };

struct job {
    pthread_t thread;
    struct cb_peer_cache *cache;
    struct cb_str ders[PARTNERS];
    int number, wrong;
};

/* All keys share one set, so that peers displace each other. */
static struct cb_peer_key key_of(size_t partner)
{
    return (struct cb_peer_key){ { 0, (uint8_t)partner } };
}

static bool is_right(struct job *j, size_t partner)
{
    const struct cb_peer_key key = key_of(partner);
    const struct cb_cert *cert = NULL;
    struct cb_peer *p = cb_peer_cache_take(j->cache, &key);
    if (p == NULL) {
        p = cb_peer_new(&j->ders[partner], 1);
    }
    if (p == NULL || CB_FAILED(cb_peer_cert(p, &cert, NULL))) {
        cb_peer_free(p);
        return false;
    }
    const bool right = cb_str_eq(cert->der, j->ders[partner]);
    cb_peer_remember(p, NULL, &(struct cb_profile_facts){ 0 },
                     (uint64_t)j->number); /* a write that a second hand would meet */
    cb_peer_cache_give(j->cache, &key, p);
    return right;
}

static void *run(void *argument)
{
    struct job *j = argument;
    for (int round = 0; round < ROUNDS; round++) {
        j->wrong += !is_right(j, (size_t)(round * 7 + j->number) % PARTNERS);
    }
    return NULL;
}

int main(void)
{
    struct pki_cert *certs[PARTNERS];
    struct job jobs[THREADS] = { 0 };
    struct cb_peer_cache *cache = cb_peer_cache_new();
    int wrong = 0;
    for (int p = 0; p < PARTNERS; p++) {
        const char name[] = { (char)('a' + p), '\0' };
        const struct pki_value subject[] = { { .type = "CN", .value = name }, { .type = NULL } };
        certs[p] = pki_issue(&(struct pki_spec){ .subject = subject });
    }
    for (int i = 0; i < THREADS; i++) {
        jobs[i].cache = cache;
        jobs[i].number = i;
        for (int p = 0; p < PARTNERS; p++) {
            jobs[i].ders[p] = pki_der(certs[p]);
        }
        if (cache == NULL || pthread_create(&jobs[i].thread, NULL, run, &jobs[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(jobs[i].thread, NULL);
        wrong += jobs[i].wrong;
    }
    for (int p = 0; p < PARTNERS; p++) {
        pki_free(certs[p]);
    }
    cb_peer_cache_free(cache);
    (void)printf("%d wrong\n", wrong);
    return wrong == 0 ? 0 : 1;
}
