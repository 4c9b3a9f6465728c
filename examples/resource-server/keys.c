#include "keys.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SET_MOST = 256 * 1024, /* bytes; what certbound_verifier_set_jwks takes */
    TIMEOUT_S = 5,
    RETRY_S = 1, /* while there are no keys at all */
    REFRESH_S = 300,
    SELDOM_S = 10, /* between fetches that a token asked for */
};

struct keys {
    certbound_verifier *verifier;
    const char *source, *ca;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows; held while fetching */
    pthread_cond_t wake;
    bool stopping, loaded, failing;
    time_t last;
};

struct document {
    char *text;
    size_t n;
};

static size_t append(char *data, size_t size, size_t count, void *to)
{
    struct document *d = to;
    const size_t n = size * count;
    if (n > SET_MOST - d->n) {
        return 0; /* curl gives up */
    }
    memcpy(d->text + d->n, data, n);
    d->n += n;
    return n;
}

static bool read_url(const struct keys *k, struct document *d)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        return false;
    }
    (void)curl_easy_setopt(curl, CURLOPT_URL, k->source);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https"); /* redirects are not followed either */
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, d);
    if (k->ca != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, k->ca);
    }
    long status = 0;
    const bool good = curl_easy_perform(curl) == CURLE_OK &&
                      curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
    curl_easy_cleanup(curl);
    return good;
}

static bool read_file(const struct keys *k, struct document *d)
{
    FILE *f = fopen(k->source, "rb");
    if (f == NULL) {
        return false;
    }
    d->n = fread(d->text, 1, SET_MOST, f);
    const bool good = ferror(f) == 0;
    (void)fclose(f);
    return good;
}

/* With the lock held. A set that cannot be had, or is none, leaves the old one in place. */
static bool load(struct keys *k)
{
    struct document d = { .text = malloc(SET_MOST) };
    const bool url = strncmp(k->source, "https://", strlen("https://")) == 0;
    const bool good = d.text != NULL && (url ? read_url(k, &d) : read_file(k, &d)) &&
                      certbound_verifier_set_jwks(k->verifier, d.text, d.n) == CERTBOUND_OK;
    free(d.text);
    if (!good && !k->failing) {
        (void)fprintf(stderr, "keys: cannot load %s; trying again\n", k->source);
    } else if (good && (!k->loaded || k->failing)) {
        (void)fprintf(stderr, "keys: loaded from %s\n", k->source);
    }
    k->failing = !good;
    k->loaded = k->loaded || good;
    return good;
}

static struct timespec monotonic(void)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t;
}

static void *keep_fresh(void *argument)
{
    struct keys *k = argument;
    (void)pthread_mutex_lock(&k->lock);
    while (!k->stopping) {
        (void)load(k);
        struct timespec until = monotonic();
        until.tv_sec += k->loaded ? REFRESH_S : RETRY_S;
        while (!k->stopping && pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0) {
        }
    }
    (void)pthread_mutex_unlock(&k->lock);
    return NULL;
}

struct keys *keys_start(certbound_verifier *verifier, const char *source, const char *ca)
{
    struct keys *k = calloc(1, sizeof *k);
    if (k == NULL) {
        return NULL;
    }
    k->verifier = verifier;
    k->source = source;
    k->ca = ca;
    k->last = monotonic().tv_sec - SELDOM_S;
    pthread_condattr_t clock;
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&k->wake, &clock);
    (void)pthread_condattr_destroy(&clock);
    (void)pthread_mutex_init(&k->lock, NULL);
    if (pthread_create(&k->thread, NULL, keep_fresh, k) != 0) {
        free(k);
        return NULL;
    }
    return k;
}

bool keys_refresh(struct keys *k)
{
    bool done = false;
    (void)pthread_mutex_lock(&k->lock);
    const time_t now = monotonic().tv_sec;
    if (now - k->last >= SELDOM_S) {
        k->last = now;
        done = load(k);
    }
    (void)pthread_mutex_unlock(&k->lock);
    return done;
}

void keys_stop(struct keys *k)
{
    (void)pthread_mutex_lock(&k->lock);
    k->stopping = true;
    (void)pthread_cond_signal(&k->wake);
    (void)pthread_mutex_unlock(&k->lock);
    (void)pthread_join(k->thread, NULL);
    (void)pthread_cond_destroy(&k->wake);
    (void)pthread_mutex_destroy(&k->lock);
    free(k);
}
