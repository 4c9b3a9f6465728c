#include "http/proxy_reader.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"
#include "http/exchange.h"
#include "http/proxy_header.h"

/* In the arena, which is the request's only when TLS has begun. */
struct cb_proxy_read {
    size_t n;
    char bytes[CB_LIMIT_PROXY_HEADER];
};

static void log_refusal(struct cb_connection *c, const struct cb_err *why)
{
    struct cb_listener *l = c->listener;
    uint64_t held_back = 0;
    if (!cb_throttle_pass(&l->proxy_headers, cb_clock_monotonic_ms() / 1000, &held_back)) {
        cb_log_count_one(l->options.log, CB_EV_PROXY_HEADER_REFUSED);
        return;
    }
    char address[CB_ADDRESS_TEXT];
    cb_address_text(&c->entry.address, address);
    CB_LOG(l->options.log, CB_EV_PROXY_HEADER_REFUSED, why, CB_F_CSTR("listener", l->name),
           CB_F_CSTR("address", address), CB_F_INT("held_back", held_back));
}

/* Exactly the header's bytes are taken off the socket: what follows is for TLS. */
static cb_status step(struct cb_proxy_read *r, int fd, struct cb_proxy_header *out, ssize_t *got,
                      struct cb_err *err)
{
    do {
        CB_TRY(cb_proxy_header_parse((struct cb_str){ r->bytes, r->n }, out, err));
        if (out->missing == 0) {
            return CB_OK;
        }
        *got = recv(fd, r->bytes + r->n, out->missing, 0);
        r->n += *got > 0 ? (size_t)*got : 0;
    } while (*got > 0);
    return CB_OK;
}

static const char *become(struct cb_connection *c, const struct cb_proxy_header *header)
{
    return header->has_source ? cb_connections_move(c->listener->connections, &c->entry, &header->source)
                              : NULL;
}

static ssize_t refuse(void)
{
    errno = ECONNRESET;
    return -1;
}

ssize_t cb_proxy_read(void *connection, int fd)
{
    struct cb_connection *c = connection;
    struct cb_err err = { 0 };
    struct cb_proxy_header header = { 0 };
    ssize_t got = 1;
    if (c->proxy_read == NULL) {
        c->proxy_read = cb_arena_alloc(&c->arena, sizeof *c->proxy_read);
    }
    if (c->proxy_read == NULL) {
        return refuse();
    }
    if (CB_FAILED(step(c->proxy_read, fd, &header, &got, &err))) {
        log_refusal(c, &err);
        return refuse();
    }
    if (got <= 0) {
        return got;
    }
    const char *why = become(c, &header);
    if (why != NULL) {
        cb_listener_log_refusal(c->listener, &header.source, why);
        return refuse();
    }
    c->proxy_read = NULL;
    cb_arena_reset(&c->arena);
    return 1;
}
