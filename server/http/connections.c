#include "http/connections.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"

enum { PHASE_BITS = 3, PHASE_MASK = (1 << PHASE_BITS) - 1 };
_Static_assert(CB_PHASE__MAX <= PHASE_MASK + 1, "a phase fits its bits");

struct cb_connections {
    pthread_mutex_t lock;
    struct cb_connection_limits limits;
    atomic_size_t count;
    uint64_t seed; /* so that nobody outside can choose a bucket */
    size_t bucket_mask;
    struct cb_connection_entry **buckets;
};

const char *cb_phase_name(enum cb_phase phase)
{
    static const char *const names[CB_PHASE__MAX] = {
        [CB_PHASE_HANDSHAKE] = "handshake", [CB_PHASE_IDLE] = "idle",   [CB_PHASE_HEADER] = "header",
        [CB_PHASE_BODY] = "body",           [CB_PHASE_REPLY] = "reply", [CB_PHASE_ENDED] = "ended",
    };
    return names[phase];
}

cb_status cb_connections_new(const struct cb_connection_limits *limits, struct cb_connections **out,
                             struct cb_err *err)
{
    uint64_t seed = 0;
    CB_TRY(cb_random(&seed, sizeof seed, err));
    size_t buckets = 64;
    while (buckets < limits->max && buckets < 65536) {
        buckets *= 2;
    }
    struct cb_connections *c = calloc(1, sizeof *c);
    CB_ENSURE(c != NULL, CB_E_MEMORY, "connections");
    c->buckets = calloc(buckets, sizeof(struct cb_connection_entry *));
    if (c->buckets == NULL) {
        free(c);
        CB_REFUSE(CB_E_MEMORY, "connections");
    }
    c->limits = *limits;
    c->seed = seed | 1;
    c->bucket_mask = buckets - 1;
    (void)pthread_mutex_init(&c->lock, NULL);
    *out = c;
    return CB_OK;
}

void cb_connections_free(struct cb_connections *c)
{
    if (c != NULL) {
        (void)pthread_mutex_destroy(&c->lock);
        free((void *)c->buckets);
        free(c);
    }
}

/* --- addresses --- */

struct in6_addr cb_address_of(const struct sockaddr *sa)
{
    struct in6_addr a = { 0 };
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        a = in6.sin6_addr;
    } else if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        a.s6_addr[10] = a.s6_addr[11] = 0xff;
        memcpy(&a.s6_addr[12], &in.sin_addr, sizeof in.sin_addr);
    }
    return a;
}

void cb_address_text(const struct in6_addr *address, char out[CB_ADDRESS_TEXT])
{
    if (IN6_IS_ADDR_UNSPECIFIED(address)) {
        (void)snprintf(out, CB_ADDRESS_TEXT, "unix");
        return;
    }
    const bool v4 = IN6_IS_ADDR_V4MAPPED(address);
    const void *p = v4 ? (const void *)&address->s6_addr[12] : address;
    if (inet_ntop(v4 ? AF_INET : AF_INET6, p, out, CB_ADDRESS_TEXT) == NULL) {
        out[0] = '\0';
    }
}

/* Whoever has one IPv6 address has its whole /64. */
static struct cb_str host_of(const struct in6_addr *a)
{
    return (struct cb_str){ (const char *)a->s6_addr, IN6_IS_ADDR_V4MAPPED(a) ? sizeof a->s6_addr : 8 };
}

static size_t bucket_of(const struct cb_connections *c, const struct in6_addr *a)
{
    uint64_t words[2] = { 0 };
    const struct cb_str host = host_of(a);
    memcpy(words, host.p, host.n);
    const uint64_t mixed = (words[0] ^ words[1] * UINT64_C(0x9e3779b97f4a7c15)) * c->seed;
    return (size_t)(mixed >> 40) & c->bucket_mask;
}

/* --- in and out --- */

static bool speaks_for_many(const struct cb_connections *c, const struct in6_addr *address)
{
    return IN6_IS_ADDR_UNSPECIFIED(address) ||
           (c->limits.speaks_for_many != NULL && c->limits.speaks_for_many(c->limits.ctx, address));
}

static const char *crowded(const struct cb_connections *c, const struct in6_addr *address)
{
    size_t same = 0;
    for (const struct cb_connection_entry *e = c->buckets[bucket_of(c, address)]; e != NULL; e = e->next) {
        same += !e->shared && cb_str_eq(host_of(&e->address), host_of(address)) ? 1 : 0;
    }
    return same >= c->limits.max_per_address ? "connections_per_address" : NULL;
}

static const char *full(const struct cb_connections *c, const struct in6_addr *address, bool shared)
{
    if (atomic_load(&c->count) >= c->limits.max) {
        return "connections";
    }
    return shared ? NULL : crowded(c, address);
}

static void link_in(struct cb_connections *c, struct cb_connection_entry *e)
{
    struct cb_connection_entry **bucket = &c->buckets[bucket_of(c, &e->address)];
    e->next = *bucket;
    e->link = bucket;
    if (e->next != NULL) {
        e->next->link = &e->next;
    }
    *bucket = e;
}

static void unlink_from(struct cb_connection_entry *e)
{
    *e->link = e->next;
    if (e->next != NULL) {
        e->next->link = e->link;
    }
    e->link = NULL;
}

const char *cb_connections_full(struct cb_connections *c, const struct in6_addr *address)
{
    (void)pthread_mutex_lock(&c->lock);
    const char *why = full(c, address, speaks_for_many(c, address));
    (void)pthread_mutex_unlock(&c->lock);
    return why;
}

const char *cb_connections_add(struct cb_connections *c, struct cb_connection_entry *e, int fd,
                               const struct in6_addr *address)
{
    e->address = *address;
    e->fd = fd;
    e->shared = speaks_for_many(c, address);
    cb_connection_enter(c, e, CB_PHASE_HANDSHAKE);
    (void)pthread_mutex_lock(&c->lock);
    const char *why = full(c, address, e->shared);
    if (why == NULL) {
        link_in(c, e);
        atomic_fetch_add(&c->count, 1);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return why;
}

const char *cb_connections_move(struct cb_connections *c, struct cb_connection_entry *e,
                                const struct in6_addr *address)
{
    (void)pthread_mutex_lock(&c->lock);
    const char *why = crowded(c, address);
    if (why == NULL) {
        unlink_from(e);
        e->address = *address;
        e->shared = false;
        link_in(c, e);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return why;
}

void cb_connections_remove(struct cb_connections *c, struct cb_connection_entry *e)
{
    (void)pthread_mutex_lock(&c->lock);
    if (e->link != NULL) { /* else it was never let in */
        unlink_from(e);
        atomic_fetch_sub(&c->count, 1);
    }
    (void)pthread_mutex_unlock(&c->lock);
}

size_t cb_connections_count(const struct cb_connections *c)
{
    return atomic_load(&c->count);
}

/* --- time limits --- */

void cb_connection_enter(const struct cb_connections *c, struct cb_connection_entry *e, enum cb_phase phase)
{
    const int64_t deadline = cb_clock_monotonic_ms() + c->limits.phase_ms[phase];
    atomic_store_explicit(&e->due, (uint64_t)deadline << PHASE_BITS | phase, memory_order_release);
}

enum cb_phase cb_connection_phase(const struct cb_connection_entry *e)
{
    return (enum cb_phase)(atomic_load_explicit(&e->due, memory_order_acquire) & PHASE_MASK);
}

/* The descriptor is open as long as the entry is in: it is taken out, under the lock, before it is closed. */
static void end(struct cb_connection_entry *e)
{
    atomic_store(&e->due, CB_PHASE_ENDED);
    (void)shutdown(e->fd, SHUT_RDWR);
}

size_t cb_connections_expire(struct cb_connections *c, int64_t now_ms, bool all_idle, struct cb_overdue *out,
                             size_t max)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i <= c->bucket_mask && n < max; i++) {
        for (struct cb_connection_entry *e = c->buckets[i]; e != NULL && n < max; e = e->next) {
            const uint64_t due = atomic_load(&e->due);
            const enum cb_phase phase = (enum cb_phase)(due & PHASE_MASK);
            if (phase == CB_PHASE_ENDED) {
                continue;
            }
            if ((int64_t)(due >> PHASE_BITS) <= now_ms) {
                out[n++] = (struct cb_overdue){ e->address, phase };
                end(e);
            } else if (all_idle && (phase == CB_PHASE_IDLE || phase == CB_PHASE_HANDSHAKE)) {
                end(e);
            }
        }
    }
    (void)pthread_mutex_unlock(&c->lock);
    return n;
}
