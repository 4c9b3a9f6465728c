#include "http/loops.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/tls_peer.h"

enum {
    LONGEST_WAIT_MS = 10000,
    STALLED_WAIT_MS = 50, /* a new event ends it early; this bounds what we might have misjudged */
};

enum order { RUN, QUIESCE, STOP };

struct loop {
    pthread_t thread;
    struct MHD_Daemon *daemon;
    int epoll;
    int wake; /* an eventfd */
    atomic_int order;
    bool quiesced; /* the thread's, then free_one's */
};

struct cb_loops {
    size_t count;
    struct loop loops[];
};

static int timeout_of(const struct loop *l)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (MHD_get_timeout(l->daemon, &ms) != MHD_YES || ms > LONGEST_WAIT_MS) {
        return LONGEST_WAIT_MS;
    }
    return ms == 0 && cb_tls_stalled() ? STALLED_WAIT_MS : (int)ms;
}

static void wait_for_events(const struct loop *l)
{
    struct pollfd fds[] = { { .fd = l->epoll, .events = POLLIN }, { .fd = l->wake, .events = POLLIN } };
    if (poll(fds, 2, timeout_of(l)) > 0 && fds[1].revents != 0) {
        eventfd_t value = 0;
        (void)eventfd_read(l->wake, &value);
    }
}

/* An instance that is not quiesced would close the listening socket, which is not its own, when it ends. */
static void quiesce(struct loop *l)
{
    if (!l->quiesced) {
        (void)MHD_quiesce_daemon(l->daemon);
        l->quiesced = true;
    }
}

static void *run(void *argument)
{
    struct loop *l = argument;
    for (;;) {
        const int order = atomic_load(&l->order);
        if (order == STOP) {
            return NULL;
        }
        if (order == QUIESCE) {
            quiesce(l);
        }
        cb_tls_watch();
        (void)MHD_run(l->daemon);
        wait_for_events(l);
    }
}

static void give(struct loop *l, enum order order)
{
    atomic_store(&l->order, order);
    (void)eventfd_write(l->wake, 1);
}

static cb_status start_one(struct loop *l, cb_daemon_fn make, void *ctx, struct cb_err *err)
{
    atomic_init(&l->order, RUN);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CB_ENSURE(l->wake >= 0, CB_E_LISTEN, "no eventfd");
    l->daemon = make(ctx);
    CB_ENSURE(l->daemon != NULL, CB_E_LISTEN, "libmicrohttpd did not start");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    CB_ENSURE(info != NULL, CB_E_LISTEN, "libmicrohttpd has no epoll");
    l->epoll = info->epoll_fd;
    CB_ENSURE(pthread_create(&l->thread, NULL, run, l) == 0, CB_E_LISTEN, "could not start a thread");
    return CB_OK;
}

/* All but the thread, which never was or has ended. */
static void free_one(struct loop *l)
{
    if (l->daemon != NULL) {
        quiesce(l);
        MHD_stop_daemon(l->daemon);
    }
    if (l->wake >= 0) {
        (void)close(l->wake);
    }
}

cb_status cb_loops_start(unsigned threads, cb_daemon_fn make, void *ctx, struct cb_loops **out,
                         struct cb_err *err)
{
    struct cb_loops *l = calloc(1, sizeof *l + threads * sizeof l->loops[0]);
    CB_ENSURE(l != NULL, CB_E_MEMORY, "threads of a listener");
    while (l->count < threads) {
        if (CB_FAILED(start_one(&l->loops[l->count], make, ctx, err))) {
            free_one(&l->loops[l->count]);
            cb_loops_stop(l);
            return CB_FAIL;
        }
        l->count++;
    }
    *out = l;
    return CB_OK;
}

void cb_loops_quiesce(struct cb_loops *l, int listening_socket)
{
    for (size_t i = 0; i < l->count; i++) {
        give(&l->loops[i], QUIESCE);
    }
    /* A loop takes the order before it runs its instance again, so none polls the socket once it is shut
     * down. */
    (void)shutdown(listening_socket, SHUT_RDWR);
}

void cb_loops_stop(struct cb_loops *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        give(&l->loops[i], STOP);
        (void)pthread_join(l->loops[i].thread, NULL);
        free_one(&l->loops[i]);
    }
    free(l);
}
