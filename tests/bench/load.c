#include "load.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct worker {
    const struct load_options *options;
    SSL_CTX *ctx;
    struct addrinfo *address;
    pthread_t thread;
    long count;
    SSL_SESSION *session; /* the newest ticket */
    struct load_result result;
};

const char *load_mode_name(enum load_mode mode)
{
    static const char *const names[LOAD__MAX] = { "keep_alive", "new_handshake", "resumed_handshake" };
    return names[mode];
}

static double micros(clockid_t clock)
{
    struct timespec t = { 0 };
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- one connection --- */

static SSL *connect_tls(struct worker *w)
{
    const struct addrinfo *a = w->address;
    const int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    const int on = 1;
    if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        perror("connect");
        if (fd >= 0) {
            (void)close(fd);
        }
        return NULL;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL *ssl = SSL_new(w->ctx);
    (void)SSL_set_app_data(ssl, w);
    (void)SSL_set_fd(ssl, fd);
    /* What SSL_set_tlsext_host_name does, whose cast clang refuses. */
    const union {
        const char *from;
        void *to;
    } host = { .from = w->options->host };
    (void)SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.to);
    if (w->session != NULL && w->options->mode == LOAD_RESUMED) {
        (void)SSL_set_session(ssl, w->session);
    }
    if (SSL_connect(ssl) != 1) {
        ERR_print_errors_fp(stderr);
        SSL_free(ssl);
        (void)close(fd);
        return NULL;
    }
    w->result.resumed += SSL_session_reused(ssl);
    return ssl;
}

static void disconnect(SSL *ssl)
{
    const int fd = SSL_get_fd(ssl);
    (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    (void)close(fd);
}

/* The whole reply; its status, or 0. */
static int read_reply(SSL *ssl)
{
    char reply[65536];
    size_t n = 0;
    size_t whole = 0;
    while (whole == 0 || n < whole) {
        const int got = SSL_read(ssl, reply + n, (int)(sizeof reply - 1 - n));
        if (got <= 0) {
            return 0;
        }
        n += (size_t)got;
        reply[n] = '\0';
        const char *end = whole == 0 ? strstr(reply, "\r\n\r\n") : NULL;
        if (end != NULL) {
            const char *length = strcasestr(reply, "\r\nContent-Length:");
            whole = (size_t)(end + 4 - reply) +
                    (length == NULL ? 0 : (size_t)strtoul(length + strlen("\r\nContent-Length:"), NULL, 10));
        }
        if (whole >= sizeof reply) {
            return 0;
        }
    }
    return (int)strtol(reply + strlen("HTTP/1.1 "), NULL, 10);
}

static bool exchange(struct worker *w, SSL *ssl)
{
    const struct load_options *o = w->options;
    const int status =
        SSL_write(ssl, o->request, (int)o->request_size) == (int)o->request_size ? read_reply(ssl) : 0;
    w->result.ok += status / 100 == 2;
    w->result.refused += status != 0 && status / 100 != 2;
    w->result.failed += status == 0;
    return status != 0;
}

static int remember_session(SSL *ssl, SSL_SESSION *session)
{
    struct worker *w = SSL_get_app_data(ssl);
    SSL_SESSION_free(w->session);
    w->session = session;
    return 1; /* it is ours now */
}

/* --- one thread --- */

static void *run_worker(void *argument)
{
    struct worker *w = argument;
    SSL *ssl = NULL;
    for (long i = 0; i < w->count; i++) {
        if (ssl == NULL) {
            ssl = connect_tls(w);
        }
        const bool answered = ssl != NULL && exchange(w, ssl);
        w->result.failed += ssl == NULL;
        if (ssl != NULL && (!answered || w->options->mode != LOAD_KEEP_ALIVE)) {
            disconnect(ssl);
            ssl = NULL;
        }
    }
    if (ssl != NULL) {
        disconnect(ssl);
    }
    return NULL;
}

static void run_all(struct worker *workers, int n, long count)
{
    for (int i = 0; i < n; i++) {
        workers[i].count = count / n + (i < count % n);
        workers[i].result = (struct load_result){ 0 };
        if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0) {
            perror("pthread_create");
            abort();
        }
    }
    for (int i = 0; i < n; i++) {
        (void)pthread_join(workers[i].thread, NULL);
    }
}

/* --- all of them --- */

static SSL_CTX *context_of(const struct load_options *o)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    const int version = o->tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
    bool ok = ctx != NULL && SSL_CTX_set_min_proto_version(ctx, version) == 1 &&
              SSL_CTX_set_max_proto_version(ctx, version) == 1 &&
              SSL_CTX_load_verify_locations(ctx, o->ca, NULL) == 1;
    if (ok && o->certificate != NULL) {
        ok = SSL_CTX_use_certificate_chain_file(ctx, o->certificate) == 1 &&
             SSL_CTX_use_PrivateKey_file(ctx, o->private_key, SSL_FILETYPE_PEM) == 1;
    }
    if (!ok) {
        ERR_print_errors_fp(stderr);
        SSL_CTX_free(ctx);
        return NULL;
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, remember_session);
    return ctx;
}

static struct addrinfo *address_of(const struct load_options *o)
{
    char port[16];
    (void)snprintf(port, sizeof port, "%d", o->port);
    const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    const int rc = getaddrinfo(o->host, port, &hints, &found);
    if (rc != 0) {
        (void)fprintf(stderr, "%s: %s\n", o->host, gai_strerror(rc));
    }
    return found;
}

static void measure(const struct load_options *o, struct worker *workers, struct load_result *out)
{
    clockid_t server = CLOCK_MONOTONIC;
    const bool timed = o->server != 0 && clock_getcpuclockid(o->server, &server) == 0;
    run_all(workers, o->in_flight, o->count / 100 + o->in_flight);
    const double wall = micros(CLOCK_MONOTONIC);
    const double cpu = timed ? micros(server) : 0;
    run_all(workers, o->in_flight, o->count);
    *out = (struct load_result){ .wall_us = micros(CLOCK_MONOTONIC) - wall,
                                 .server_cpu_us = timed ? micros(server) - cpu : 0 };
    for (int i = 0; i < o->in_flight; i++) {
        out->ok += workers[i].result.ok;
        out->refused += workers[i].result.refused;
        out->failed += workers[i].result.failed;
        out->resumed += workers[i].result.resumed;
    }
}

bool load_run(const struct load_options *o, struct load_result *out)
{
    SSL_CTX *ctx = context_of(o);
    struct addrinfo *address = address_of(o);
    struct worker *workers = calloc((size_t)o->in_flight, sizeof *workers);
    const bool ready = ctx != NULL && address != NULL && workers != NULL;
    for (int i = 0; ready && i < o->in_flight; i++) {
        workers[i] = (struct worker){ .options = o, .ctx = ctx, .address = address };
    }
    if (ready) {
        measure(o, workers, out);
    }
    for (int i = 0; ready && i < o->in_flight; i++) {
        SSL_SESSION_free(workers[i].session);
    }
    free(workers);
    if (address != NULL) {
        freeaddrinfo(address);
    }
    SSL_CTX_free(ctx);
    return ready && out->ok + out->refused > 0;
}

char *load_form_request(const char *path, const char *body, size_t *out_size)
{
    char *request = NULL;
    const int n =
        asprintf(&request,
                 "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                 "Accept: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                 path, strlen(body), body);
    *out_size = n < 0 ? 0 : (size_t)n;
    return n < 0 ? NULL : request;
}

void load_print(const char *name, double value, const char *unit, double floor)
{
    (void)printf("bench: %s value=%.2f unit=%s", name, value, unit);
    if (floor > 0) {
        (void)printf(" floor=%.2f ratio=%.3f", floor, value / floor);
    }
    (void)printf("\n");
    (void)fflush(stdout);
}

double load_cpu_us(void)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void load_need(bool ok)
{
    if (!ok) {
        abort();
    }
}
