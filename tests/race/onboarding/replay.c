/* Many threads, the same requests: each request is let through once. */
#include "onboarding/replay.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 8, REQUESTS = 500 };

static struct cb_replay *replay;
static atomic_int first, used, other;

static void *send_all(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < REQUESTS; i++) {
        char jti[16];
        struct cb_err err = { 0 };
        (void)snprintf(jti, sizeof jti, "%d", i);
        (void)CB_FAILED(cb_replay_remember(replay, CB_STR("signer"), cb_str_of(jti), 100, 10, &err));
        (*(err.code == CB_E_NONE ? &first : err.code == CB_E_DCR_METADATA ? &used : &other))++;
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    replay = cb_replay_new();
    for (int i = 0; i < THREADS; i++) {
        if (replay == NULL || pthread_create(&threads[i], NULL, send_all, NULL) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    cb_replay_free(replay);
    (void)printf("%d first, %d used before, %d other\n", first, used, other);
    return first == REQUESTS && used == REQUESTS * (THREADS - 1) && other == 0 ? 0 : 1;
}
