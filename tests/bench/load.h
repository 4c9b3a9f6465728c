/* Load for a TLS server, and what it cost the server: CPU time of the server's process, read from its own
 * clock, so that the client beside it does not count. */
#ifndef CB_BENCH_LOAD_H
#define CB_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum load_mode {
    LOAD_KEEP_ALIVE, /* all requests of a connection after one handshake */
    LOAD_NEW,        /* a full handshake for every request */
    LOAD_RESUMED,    /* a resumed handshake for every request */
    LOAD__MAX
};
const char *load_mode_name(enum load_mode mode); /* "keep_alive" */

struct load_options {
    const char *host;
    int port;
    const char *ca, *certificate, *private_key; /* PEM files; certificate NULL: none is presented */
    const char *request;                        /* the bytes of one request */
    size_t request_size;
    enum load_mode mode;
    long count;    /* requests, over all connections */
    int in_flight; /* connections at a time, a thread each */
    bool tls12;    /* else TLS 1.3 */
    pid_t server;  /* 0: no CPU time */
};

struct load_result {
    long ok;      /* answered with a 2xx status */
    long refused; /* answered with another */
    long failed;  /* not answered */
    long resumed; /* handshakes */
    double wall_us;
    double server_cpu_us;
};

/* False, and a line on standard error, when nothing could be sent at all. Warms up with a hundredth of the
 * requests first, which do not count. */
bool load_run(const struct load_options *o, struct load_result *out);

/* A POST of a form, for .request; the caller frees it. */
char *load_form_request(const char *path, const char *body, size_t *out_size);

/* CPU time of the calling thread. */
double load_cpu_us(void);

/* Ends a bench whose setting-up failed. */
void load_need(bool ok);

/* One line: `bench: NAME value=... unit=us floor=... ratio=...`; floor 0 leaves the last two out. */
void load_print(const char *name, double value, const char *unit, double floor);

#endif
