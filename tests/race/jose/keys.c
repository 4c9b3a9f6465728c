/* Many threads, one key of each kind: every signature is right, and none is taken for another's. */
#include <openssl/evp.h>
#include <stdio.h>

#include "jose/keyop.h"

enum { THREADS = 8, ROUNDS = 25 };

struct shared {
    struct cb_sign_key *sign;
    struct cb_verify_key *verify;
};

struct job {
    pthread_t thread;
    const struct shared *keys; /* one for each algorithm */
    int number;
    int wrong;
};

/* 1 when a signature over this message is refused, or one over the next is accepted. */
static int round_of(const struct shared *k, int thread, int round)
{
    char text[32], other[32];
    const struct cb_str message = { text, (size_t)snprintf(text, sizeof text, "thread %d round %d", thread,
                                                           round) };
    const struct cb_str next = { other, (size_t)snprintf(other, sizeof other, "thread %d round %d", thread,
                                                         round + 1) };
    uint8_t signature[CB_SIGNATURE_MAX];
    size_t n = 0;
    if (CB_FAILED(cb_sign(k->sign, message, signature, &n, NULL))) {
        return 1;
    }
    const struct cb_str s = { (const char *)signature, n };
    return CB_FAILED(cb_verify(k->verify, message, s, NULL)) ||
           !CB_FAILED(cb_verify(k->verify, next, s, NULL));
}

static void *run(void *argument)
{
    struct job *j = argument;
    for (int round = 0; round < ROUNDS; round++) {
        for (enum cb_alg a = CB_ALG_NONE + 1; a < CB_ALG__MAX; a++) {
            j->wrong += round_of(&j->keys[a], j->number, round);
        }
    }
    return NULL;
}

static int race(const struct shared *keys)
{
    struct job jobs[THREADS];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){ .keys = keys, .number = i };
        if (pthread_create(&jobs[i].thread, NULL, run, &jobs[i]) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(jobs[i].thread, NULL);
        wrong += jobs[i].wrong;
    }
    return wrong;
}

int main(void)
{
    struct shared keys[CB_ALG__MAX] = { 0 };
    for (enum cb_alg a = CB_ALG_NONE + 1; a < CB_ALG__MAX; a++) {
        if (CB_FAILED(cb_sign_key_generate(a, &keys[a].sign, NULL)) ||
            CB_FAILED(cb_verify_key_from_pkey(keys[a].sign->op.pkey, a, &keys[a].verify, NULL))) {
            (void)fprintf(stderr, "no %s key\n", cb_alg_name(a));
            return 1;
        }
    }
    const int wrong = race(keys);
    for (enum cb_alg a = CB_ALG_NONE + 1; a < CB_ALG__MAX; a++) {
        cb_sign_key_free(keys[a].sign);
        cb_verify_key_free(keys[a].verify);
    }
    (void)printf("%d wrong of %d\n", wrong, THREADS * ROUNDS * (CB_ALG__MAX - 1));
    return wrong == 0 ? 0 : 1;
}
