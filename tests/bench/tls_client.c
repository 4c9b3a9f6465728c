/* tls_client: N requests to a TLS server, and the CPU time that each cost it.
 *
 *   tls_client NAME=VALUE ...
 *     host=localhost port=8444 ca=FILE certificate=FILE key=FILE path=/token body=FORM
 *     mode=keep_alive|new_handshake|resumed_handshake requests=10000 in_flight=2 tls=1.3 pid=SERVER
 * name=LABEL */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const char *option(int argc, char **argv, const char *name, const char *fallback)
{
    const size_t n = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
            return argv[i] + n + 1;
        }
    }
    return fallback;
}

static long number(int argc, char **argv, const char *name, const char *fallback)
{
    return strtol(option(argc, argv, name, fallback), NULL, 10);
}

static enum load_mode mode_of(const char *name)
{
    enum load_mode mode = LOAD_KEEP_ALIVE;
    while (mode < LOAD__MAX && strcmp(load_mode_name(mode), name) != 0) {
        mode++;
    }
    return mode;
}

int main(int argc, char **argv)
{
    struct load_options o = {
        .host = option(argc, argv, "host", "localhost"),
        .port = (int)number(argc, argv, "port", "8444"),
        .ca = option(argc, argv, "ca", "ca.pem"),
        .certificate = option(argc, argv, "certificate", NULL),
        .private_key = option(argc, argv, "key", NULL),
        .mode = mode_of(option(argc, argv, "mode", "keep_alive")),
        .count = number(argc, argv, "requests", "10000"),
        .in_flight = (int)number(argc, argv, "in_flight", "2"),
        .tls12 = strcmp(option(argc, argv, "tls", "1.3"), "1.2") == 0,
        .server = (pid_t)number(argc, argv, "pid", "0"),
    };
    char *request = load_form_request(option(argc, argv, "path", "/token"), option(argc, argv, "body", ""),
                                      &o.request_size);
    o.request = request;
    struct load_result r = { 0 };
    if (o.mode == LOAD__MAX || o.count <= 0 || o.in_flight <= 0 || !load_run(&o, &r)) {
        (void)fprintf(stderr, "tls_client: nothing was measured; see the head of tls_client.c\n");
        free(request);
        return 1;
    }
    free(request);
    const double count = (double)(r.ok + r.refused + r.failed);
    (void)printf("# %ld ok, %ld refused, %ld failed, %ld resumed, %.2f us of wall clock each\n", r.ok,
                 r.refused, r.failed, r.resumed, r.wall_us / count);
    load_print(option(argc, argv, "name", load_mode_name(o.mode)), r.server_cpu_us / count, "us", 0);
    return r.failed == 0 ? 0 : 1;
}
