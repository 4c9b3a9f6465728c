/* Many threads ask for the keys of many URLs, while the directories change and places are used again. */
#include "onboarding/key_sources.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 6, ROUNDS = 4000, URLS = 400 };

static struct cb_key_sources *sources;
static atomic_int got, wrong;
static atomic_llong now = 1000000;

static int64_t clock_of_test(void)
{
    return now++ / 50;
}

static cb_status fetch(void *ctx, const char *url, struct cb_buf *out, struct cb_err *err)
{
    (void)ctx;
    CB_ENSURE(url[0] == 'u' && url[1] != '7', CB_E_FETCH_FAILED, "nobody answers");
    cb_buf_add_cstr(out, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                         "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}");
    return CB_OK;
}

static void ask(int i)
{
    char url[16];
    struct cb_key_set *keys = NULL;
    struct cb_err err = { 0 };
    (void)snprintf(url, sizeof url, "u%d", i % URLS);
    if (!CB_FAILED(cb_key_sources_get(sources, url, 100, NULL, &keys, &err))) {
        wrong += cb_key_set_count(keys) != 1;
        got++;
        cb_key_set_unref(keys);
        return;
    }
    wrong += err.code != CB_E_DCR_KEYS_PENDING && err.code != CB_E_DCR_KEYS_UNAVAILABLE;
}

static void *ask_all(void *ctx)
{
    const int number = (int)(intptr_t)ctx;
    static const char *const followed[] = { "u1", "u71", "u2" };
    for (int i = 0; i < ROUNDS; i++) {
        ask(i * (number + 1));
        ask(i % 5);
        if (number == 0 && i % 100 == 0) {
            cb_key_sources_follow(sources, followed, (size_t)(i / 100 % 4), 10);
        }
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    const struct cb_key_fetcher f = { .fetch = fetch, .clock = clock_of_test };
    if (CB_FAILED(cb_key_sources_start(&f, &sources, NULL))) {
        return 1;
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, ask_all, (void *)(intptr_t)i) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    cb_key_sources_stop(sources);
    (void)printf("%d key sets, %d wrong\n", got, wrong);
    return got > 0 && wrong == 0 ? 0 : 1;
}
