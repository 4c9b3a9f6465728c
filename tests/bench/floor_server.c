/* floor_server: the least that a reply over libmicrohttpd and GnuTLS can cost. The listener's own threads and
 * TLS settings, one prepared empty reply, no look at the request.
 *
 *   floor_server CERTIFICATE KEY [THREADS [ask]]      prints "port N"; ends when standard input does */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/loops.h"
#include "http/socket.h"
#include "http/tls_peer.h"

struct floor_server {
    struct cb_socket socket;
    struct cb_tls *tls;
    struct cb_tls_credentials *credentials;
    struct MHD_Response *empty;
};

static void connection_changed(void *cls, struct MHD_Connection *mhd, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct floor_server *f = cls;
    if (what != MHD_CONNECTION_NOTIFY_STARTED) {
        free(*context);
        return;
    }
    struct cb_tls_session *s = calloc(1, sizeof *s);
    struct cb_err err = { 0 };
    void *session = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
    if (s == NULL || CB_FAILED(cb_tls_session_init(s, f->tls, session, f->credentials, &err))) {
        abort();
    }
    *context = s;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **request)
{
    (void)url, (void)method, (void)version, (void)upload;
    const struct floor_server *f = cls;
    if (*request == NULL) {
        *request = mhd;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(mhd, MHD_HTTP_OK, f->empty);
}

static void check(cb_status status, const struct cb_err *err)
{
    if (CB_FAILED(status)) {
        (void)fprintf(stderr, "floor_server: %s: %s\n", cb_code_reason(err->code), err->detail);
        exit(1);
    }
}

static struct MHD_Daemon *make_daemon(void *ctx)
{
    struct floor_server *f = ctx;
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_USE_TLS, 0, NULL, NULL, handle, f,
                            MHD_OPTION_LISTEN_SOCKET, f->socket.fd, MHD_OPTION_NOTIFY_CONNECTION,
                            connection_changed, f, MHD_OPTION_HTTPS_PRIORITIES, cb_tls_priorities(),
                            MHD_OPTION_HTTPS_CERT_CALLBACK, cb_tls_no_certificate(), MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "floor_server CERTIFICATE KEY [THREADS [ask]]\n");
        return 2;
    }
    struct floor_server f = { 0 };
    struct cb_loops *loops = NULL;
    struct cb_err err = { 0 };
    static char nothing[1];
    const unsigned threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 2;
    f.empty = MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    check(cb_tls_credentials_load(argv[1], argv[2], &f.credentials, &err), &err);
    check(cb_tls_new(argc > 4, &f.tls, &err), &err);
    check(cb_socket_listen("127.0.0.1:0", &f.socket, &err), &err);
    check(cb_loops_start(threads, make_daemon, &f, &loops, &err), &err);
    (void)printf("port %d\n", f.socket.port);
    (void)fflush(stdout);
    while (getchar() != EOF) {
    }
    cb_loops_stop(loops);
    MHD_destroy_response(f.empty);
    cb_tls_free(f.tls);
    cb_tls_credentials_unref(f.credentials);
    return 0;
}
