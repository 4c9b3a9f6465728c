#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "http/client_cert_proxy.h"
#include "http/deadlines.h"
#include "http/exchange.h"
#include "http/loops.h"
#include "http/proxies.h"
#include "http/proxy_reader.h"

/* The library's own connection limit is for each thread; it stands behind ours, which is exact. */
enum { LIBRARY_SLACK = 64 };
/* Of each connection, besides the request's header: the library's notes on its fields, and the header of the
 * reply. The library wipes all of it after every request, so more would cost time too. */
#define CONNECTION_MEMORY (4 * CB_KIB)

/* --- connections come and go --- */

void cb_listener_log_refusal(struct cb_listener *l, const struct in6_addr *from, const char *why)
{
    uint64_t held_back = 0;
    if (!cb_throttle_pass(&l->refusals, cb_clock_monotonic_ms() / 1000, &held_back)) {
        cb_log_count_one(l->options.log, CB_EV_CONNECTION_REFUSED);
        return;
    }
    char address[CB_ADDRESS_TEXT];
    cb_address_text(from, address);
    CB_LOG(l->options.log, CB_EV_CONNECTION_REFUSED, NULL, CB_F_CSTR("listener", l->name),
           CB_F_CSTR("address", address), CB_F_CSTR("limit", why), CB_F_INT("held_back", held_back));
}

/* Whose first bytes say for whom they speak must be believed. */
static const char *not_let_in(struct cb_listener *l, const struct in6_addr *from)
{
    return cb_proxies_send_header(l->proxies) && !cb_proxies_has(l->proxies, from)
               ? "proxy_addresses"
               : cb_connections_full(l->connections, from);
}

/* The cheap check, before anything is allocated; opened() makes the exact one. */
static enum MHD_Result accepting(void *cls, const struct sockaddr *sa, socklen_t length)
{
    (void)length;
    struct cb_listener *l = cls;
    const struct in6_addr from = cb_address_of(sa);
    const char *why = not_let_in(l, &from);
    if (why != NULL) {
        cb_listener_log_refusal(l, &from, why);
    }
    return why == NULL && !atomic_load(&l->stopping) ? MHD_YES : MHD_NO;
}

static cb_status prepare_tls(struct cb_listener *l, struct cb_connection *c, struct MHD_Connection *mhd,
                             struct cb_err *err)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    CB_ENSURE(info != NULL, CB_E_INTERNAL, "no TLS session");
    (void)pthread_mutex_lock(&l->credentials_lock);
    c->credentials = cb_tls_credentials_ref(l->credentials);
    (void)pthread_mutex_unlock(&l->credentials_lock);
    CB_TRY(cb_tls_session_init(&c->tls, l->tls, info->tls_session, c->credentials, err));
    if (cb_proxies_send_header(l->proxies)) {
        cb_tls_expect_before(&c->tls, cb_proxy_read, c);
    }
    return CB_OK;
}

/* A connection that must not go on is shut down here; the library finds it at its end and closes it. */
static void opened(struct cb_listener *l, struct MHD_Connection *mhd, void **context)
{
    const int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    const struct in6_addr from =
        cb_address_of(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    struct cb_connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
        (void)shutdown(fd, SHUT_RDWR);
        return;
    }
    *context = c;
    c->listener = l;
    cb_arena_init(&c->arena, CB_LIMIT_REQUEST_ARENA);
    const char *why = cb_connections_add(l->connections, &c->entry, fd, &from);
    if (why != NULL) {
        cb_listener_log_refusal(l, &from, why);
        (void)shutdown(fd, SHUT_RDWR);
        return;
    }
    struct cb_err err = { 0 };
    if (l->tls != NULL && CB_FAILED(prepare_tls(l, c, mhd, &err))) {
        CB_LOG(l->options.log, CB_EV_HTTP_LIBRARY, &err, CB_F_CSTR("listener", l->name));
        (void)shutdown(fd, SHUT_RDWR);
    }
}

static void log_handshake(struct cb_listener *l, const struct cb_connection *c)
{
    uint64_t held_back = 0;
    if (!cb_throttle_pass(&l->handshakes, cb_clock_monotonic_ms() / 1000, &held_back)) {
        return;
    }
    char address[CB_ADDRESS_TEXT];
    cb_address_text(&c->entry.address, address);
    CB_LOG(l->options.log, CB_EV_TLS_FAILED, NULL, CB_F_CSTR("listener", l->name),
           CB_F_CSTR("address", address), CB_F_INT("held_back", held_back));
}

/* The library has freed the TLS session already and closes the descriptor after this. */
static void closed(struct cb_listener *l, struct cb_connection *c)
{
    cb_connections_remove(l->connections, &c->entry);
    if (c->tls.tls != NULL && c->tls.before == NULL && !(c->tls.received_finished && c->tls.sent_finished)) {
        log_handshake(l, c);
    }
    cb_exchange_reset(c);
    cb_arena_done(&c->arena);
    cb_peer_free(c->peer);
    cb_tls_credentials_unref(c->credentials);
    free(c);
}

static void connection_changed(void *cls, struct MHD_Connection *mhd, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    cb_tls_moved();
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        opened(cls, mhd, context);
    } else if (*context != NULL) {
        closed(cls, *context);
        *context = NULL;
    }
}

/* --- what the library has to say --- */

static void library_log(void *cls, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void library_log(void *cls, const char *format, va_list arguments)
{
    struct cb_listener *l = cls;
    char text[CB_LOG_TEXT];
    (void)vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\r\n")] = '\0';
    uint64_t held_back = 0;
    /* Failed handshakes have an event of their own. */
    if (strstr(text, "handshake") == NULL &&
        cb_throttle_pass(&l->library, cb_clock_monotonic_ms() / 1000, &held_back)) {
        CB_LOG(l->options.log, CB_EV_HTTP_LIBRARY, NULL, CB_F_CSTR("listener", l->name),
               CB_F_CSTR("text", text), CB_F_INT("held_back", held_back));
    }
}

static void library_panic(void *cls, const char *file, unsigned line, const char *why)
{
    (void)cls;
    (void)fprintf(stderr, "libmicrohttpd %s:%u: %s\n", file, line, why == NULL ? "panic" : why);
    abort();
}

/* --- start and stop --- */

static unsigned threads_of(const struct cb_listener *l, const struct cb_listener_options *o)
{
    if (o->credentials == NULL && l->cert_proxy == NULL) {
        return 1; /* the ops listener */
    }
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return o->config->threads > 0 ? (unsigned)o->config->threads : processors > 0 ? (unsigned)processors : 1;
}

/* A path is compared as it was sent: no route needs an escape, and a second spelling of one has no use. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls, (void)mhd;
    return strlen(text);
}

static struct MHD_Daemon *make_daemon(void *ctx)
{
    struct cb_listener *l = ctx;
    const unsigned limit = (unsigned)l->options.config->max_connections + LIBRARY_SLACK;
    const unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | (l->tls == NULL ? 0 : MHD_USE_TLS);
    /* The first END ends the list, so what only TLS wants stands last. */
    return MHD_start_daemon(
        flags, 0, accepting, l, cb_exchange_handle, l,                                      /* */
        MHD_OPTION_EXTERNAL_LOGGER, library_log, l, MHD_OPTION_LISTEN_SOCKET, l->socket.fd, /* */
        MHD_OPTION_CONNECTION_LIMIT, limit,                                                 /* */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, l->header_max + CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
        1,                                                                                  /* */
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, l,                                /* */
        MHD_OPTION_NOTIFY_COMPLETED, cb_exchange_completed, l,                              /* */
        MHD_OPTION_URI_LOG_CALLBACK, cb_exchange_uri, l,                                    /* */
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,                                   /* */
        l->tls == NULL ? MHD_OPTION_END : MHD_OPTION_HTTPS_PRIORITIES, cb_tls_priorities(), /* */
        MHD_OPTION_HTTPS_CERT_CALLBACK, cb_tls_no_certificate(), MHD_OPTION_END);
}

static struct cb_connection_limits limits_of(const struct cb_listener *l, const struct cb_config *c)
{
    enum { MS = 1000 };
    return (struct cb_connection_limits){
        .max = (size_t)c->max_connections,
        .max_per_address = (size_t)c->max_connections_per_address,
        .speaks_for_many = l->proxies == NULL ? NULL : cb_proxies_has,
        .ctx = l->proxies,
        .phase_ms = { [CB_PHASE_HANDSHAKE] = c->handshake_timeout_s * MS,
                      [CB_PHASE_IDLE] = c->idle_timeout_s * MS,
                      [CB_PHASE_HEADER] = c->header_timeout_s * MS,
                      [CB_PHASE_BODY] = c->body_timeout_s * MS,
                      [CB_PHASE_REPLY] = c->body_timeout_s * MS },
    };
}

/* Every connection is a descriptor on top of those that the program had anyway. As far as the hard limit
 * lets. */
static void make_room_for_descriptors(size_t connections)
{
    struct rlimit limit = { 0 };
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        const rlim_t room = limit.rlim_max - limit.rlim_cur;
        limit.rlim_cur += connections < room ? connections : room;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static cb_status start(struct cb_listener *l, const struct cb_listener_options *o, struct cb_err *err)
{
    CB_TRY(cb_router_new(o, &l->router, err));
    CB_TRY(cb_proxies_new(o, &l->proxies, err));
    CB_TRY(cb_cert_proxy_new(o, &l->cert_proxy, err));
    const struct cb_connection_limits limits = limits_of(l, o->config);
    make_room_for_descriptors(limits.max);
    l->header_max = l->cert_proxy == NULL ? CB_LIMIT_REQUEST_HEADERS : CB_LIMIT_PROXIED_HEADERS;
    CB_TRY(cb_connections_new(&limits, &l->connections, err));
    if (o->credentials != NULL) {
        l->credentials = cb_tls_credentials_ref(o->credentials);
        CB_TRY(cb_tls_new(o->ask_certificate, &l->tls, err));
    }
    CB_TRY(cb_socket_listen(o->address, &l->socket, err));
    CB_TRY(cb_deadlines_start(l->connections, l->name, o->log, &l->deadlines, err));
    CB_TRY(cb_loops_start(threads_of(l, o), make_daemon, l, &l->loops, err));
    CB_LOG(o->log, CB_EV_LISTENING, NULL, CB_F_CSTR("listener", l->name), CB_F_CSTR("address", o->address),
           CB_F_INT("port", l->socket.port));
    return CB_OK;
}

static void listener_free(struct cb_listener *l)
{
    cb_loops_stop(l->loops);
    cb_deadlines_stop(l->deadlines);
    cb_socket_close(&l->socket);
    cb_connections_free(l->connections);
    cb_tls_free(l->tls);
    cb_tls_credentials_unref(l->credentials);
    cb_cert_proxy_free(l->cert_proxy);
    cb_proxies_free(l->proxies);
    cb_router_free(l->router);
    (void)pthread_mutex_destroy(&l->credentials_lock);
    free(l);
}

cb_status cb_listener_start(const struct cb_listener_options *o, struct cb_listener **out, struct cb_err *err)
{
    struct cb_listener *l = calloc(1, sizeof *l);
    CB_ENSURE(l != NULL, CB_E_MEMORY, "listener");
    *l = (struct cb_listener){ .options = *o,
                               .ask_certificate = o->ask_certificate && o->credentials != NULL,
                               .refusals = CB_THROTTLE_INIT,
                               .library = CB_THROTTLE_INIT,
                               .handshakes = CB_THROTTLE_INIT,
                               .proxy_headers = CB_THROTTLE_INIT,
                               .cert_headers = CB_THROTTLE_INIT,
                               .socket = { .fd = -1 } };
    (void)pthread_mutex_init(&l->credentials_lock, NULL);
    MHD_set_panic_func(library_panic, NULL);
    (void)snprintf(l->name, sizeof l->name, "%s", o->name);
    if (CB_FAILED(start(l, o, err))) {
        listener_free(l);
        return CB_FAIL;
    }
    *out = l;
    return CB_OK;
}

int cb_listener_port(const struct cb_listener *l)
{
    return l->socket.port;
}

void cb_listener_set_credentials(struct cb_listener *l, struct cb_tls_credentials *c)
{
    struct cb_tls_credentials *fresh = cb_tls_credentials_ref(c);
    (void)pthread_mutex_lock(&l->credentials_lock);
    struct cb_tls_credentials *old = l->credentials;
    l->credentials = fresh;
    (void)pthread_mutex_unlock(&l->credentials_lock);
    cb_tls_credentials_unref(old);
}

/* Idle connections are ended at once, those in a request when they have their reply, all others at the end.
 */
static void wait_for_requests(struct cb_listener *l, int64_t timeout_s)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    const int64_t until_ms = cb_clock_monotonic_ms() + timeout_s * 1000;
    struct cb_overdue overdue[32];
    while (cb_connections_count(l->connections) > 0 && cb_clock_monotonic_ms() < until_ms) {
        (void)cb_connections_expire(l->connections, cb_clock_monotonic_ms(), true, overdue,
                                    CB_COUNT(overdue));
        (void)nanosleep(&pause, NULL);
    }
}

void cb_listener_stop(struct cb_listener *l, int64_t timeout_s)
{
    if (l == NULL) {
        return;
    }
    atomic_store(&l->stopping, true);
    cb_loops_quiesce(l->loops, l->socket.fd);
    wait_for_requests(l, timeout_s);
    listener_free(l);
}
