/* The open connections of a listener: how many there may be, from whom, and how long each may dawdle. */
#ifndef CB_CONNECTIONS_H
#define CB_CONNECTIONS_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

/* What a connection is waiting for. Each has its own time limit, absolute from where it began: a peer that
 * drips bytes gains nothing. */
enum cb_phase {
    CB_PHASE_HANDSHAKE, /* from accept to the first request line */
    CB_PHASE_IDLE,      /* between requests */
    CB_PHASE_HEADER,
    CB_PHASE_BODY,
    CB_PHASE_REPLY, /* until the peer has taken the reply */
    CB_PHASE_ENDED, /* shut down by us */
    CB_PHASE__MAX
};
const char *cb_phase_name(enum cb_phase phase); /* "handshake" */

#define CB_ADDRESS_TEXT INET6_ADDRSTRLEN

/* Embedded in whatever the owner keeps of a connection. */
struct cb_connection_entry {
    struct cb_connection_entry *next, **link; /* in its bucket, under the lock */
    struct in6_addr address;                  /* IPv4 as v4-mapped */
    int fd;
    bool shared;           /* the address is one who speaks for many */
    _Atomic(uint64_t) due; /* deadline in monotonic milliseconds << 3 | phase: read and written as one */
};

struct cb_connections;

struct cb_connection_limits {
    size_t max;
    size_t max_per_address; /* an IPv6 host is its /64 */
    /* Who speaks for many is not limited as one address; NULL: only a Unix socket. */
    bool (*speaks_for_many)(const void *ctx, const struct in6_addr *address);
    const void *ctx;
    int64_t phase_ms[CB_PHASE__MAX];
};

CB_MUST cb_connections_new(const struct cb_connection_limits *limits, struct cb_connections **out,
                           struct cb_err *err);
void cb_connections_free(struct cb_connections *c); /* NULL is fine; all entries are gone by then */

/* Of a Unix socket, the unspecified address; in text "unix". */
struct in6_addr cb_address_of(const struct sockaddr *sa);
void cb_address_text(const struct in6_addr *address, char out[CB_ADDRESS_TEXT]);

/* Would one more from there be within the limits? NULL, or the reason why not. */
const char *cb_connections_full(struct cb_connections *c, const struct in6_addr *address);

/* Counts it in (NULL) or says why not; then it is not in. Starts the handshake's time limit. */
const char *cb_connections_add(struct cb_connections *c, struct cb_connection_entry *e, int fd,
                               const struct in6_addr *address);

/* The address behind the one that speaks for many is known: it counts from now on, as one. NULL, or why that
 * is too many; then nothing has changed. */
const char *cb_connections_move(struct cb_connections *c, struct cb_connection_entry *e,
                                const struct in6_addr *address);

/* Before the descriptor is closed: from here on nobody touches it. */
void cb_connections_remove(struct cb_connections *c, struct cb_connection_entry *e);
size_t cb_connections_count(const struct cb_connections *c);

/* The connection's own thread says where it is. */
void cb_connection_enter(const struct cb_connections *c, struct cb_connection_entry *e, enum cb_phase phase);
enum cb_phase cb_connection_phase(const struct cb_connection_entry *e);

/* Shuts down those that are overdue, or, with `all_idle`, also those that are not in a request. Reports each
 * of the overdue, at most `max`; call again while it returns max. */
struct cb_overdue {
    struct in6_addr address;
    enum cb_phase phase;
};
size_t cb_connections_expire(struct cb_connections *c, int64_t now_ms, bool all_idle, struct cb_overdue *out,
                             size_t max);

#endif
