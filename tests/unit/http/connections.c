#include "http/connections.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

static struct cb_connections *c;
static struct cb_connection_entry entries[64];

/* 10.0.0.9 is a proxy. */
static bool is_nine(const void *ctx, const struct in6_addr *a)
{
    return ctx == &c && a->s6_addr[15] == 9;
}

static void setup_with(size_t max, size_t max_per_address)
{
    const struct cb_connection_limits limits = {
        .max = max,
        .max_per_address = max_per_address,
        .speaks_for_many = is_nine,
        .ctx = &c,
        .phase_ms = { [CB_PHASE_HANDSHAKE] = 1000,
                      [CB_PHASE_IDLE] = 2000,
                      [CB_PHASE_HEADER] = 3000,
                      [CB_PHASE_BODY] = 4000,
                      [CB_PHASE_REPLY] = 5000 },
    };
    struct cb_err err = { 0 };
    memset(entries, 0, sizeof entries);
    cr_assert(!CB_FAILED(cb_connections_new(&limits, &c, &err)));
}

static struct in6_addr address(const char *text)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    struct sockaddr_in in = { .sin_family = AF_INET };
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        return cb_address_of((const struct sockaddr *)&in);
    }
    cr_assert_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return cb_address_of((const struct sockaddr *)&in6);
}

static const char *add(size_t i, const char *from)
{
    const struct in6_addr a = address(from);
    return cb_connections_add(c, &entries[i], -1, &a);
}

Test(connections, the_limit)
{
    setup_with(3, 10);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_null(add(i, i % 2 ? "10.0.0.1" : "10.0.0.2"));
    }
    const struct in6_addr a = address("10.0.0.3");
    cr_assert_str_eq(cb_connections_full(c, &a), "connections");
    cr_assert_str_eq(add(3, "10.0.0.3"), "connections");
    cb_connections_remove(c, &entries[3]); /* was never in */
    cr_assert_eq(cb_connections_count(c), 3);
    cb_connections_remove(c, &entries[1]);
    cb_connections_remove(c, &entries[1]);
    cr_assert_eq(cb_connections_count(c), 2);
    cr_assert_null(cb_connections_full(c, &a));
    cr_assert_null(add(3, "10.0.0.3"));
    cb_connections_free(c);
}

Test(connections, who_speaks_for_many_is_not_limited_as_one)
{
    setup_with(5, 1);
    const struct sockaddr local = { .sa_family = AF_UNIX };
    const struct in6_addr none = cb_address_of(&local);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_null(add(i, "10.0.0.9"));
        cr_assert_null(cb_connections_add(c, &entries[2 + i], -1, &none));
    }
    cr_assert_null(add(4, "10.0.0.1"));
    cr_assert_str_eq(add(5, "10.0.0.9"), "connections");
    cb_connections_free(c);
    char text[CB_ADDRESS_TEXT];
    cb_address_text(&none, text);
    cr_assert_str_eq(text, "unix");
}

Test(connections, the_limit_of_one_address)
{
    setup_with(64, 2);
    cr_assert_null(add(0, "10.0.0.1"));
    cr_assert_null(add(1, "10.0.0.1"));
    cr_assert_str_eq(add(2, "10.0.0.1"), "connections_per_address");
    cr_assert_null(add(2, "10.0.0.2"));
    cr_assert_null(add(3, "::ffff:10.0.0.2"), "the same host by another name");
    cr_assert_str_eq(add(4, "::ffff:10.0.0.2"), "connections_per_address");
    cr_assert_null(add(4, "2001:db8::1"));
    cr_assert_null(add(5, "2001:db8::2"));
    cr_assert_str_eq(add(6, "2001:db8::ffff:1"), "connections_per_address", "one /64 is one host");
    cr_assert_null(add(6, "2001:db8:0:1::1"));
    cb_connections_free(c);
}

Test(connections, text)
{
    static const struct {
        const char *in, *out;
    } cases[] = { { "10.0.0.1", "10.0.0.1" },
                  { "::ffff:10.0.0.1", "10.0.0.1" },
                  { "2001:DB8::1", "2001:db8::1" } };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        char text[CB_ADDRESS_TEXT];
        const struct in6_addr a = address(cases[i].in);
        cb_address_text(&a, text);
        cr_assert_str_eq(text, cases[i].out);
    }
}

static size_t expire(int64_t in_ms, bool idle, struct cb_overdue *out, size_t max)
{
    return cb_connections_expire(c, cb_clock_monotonic_ms() + in_ms, idle, out, max);
}

Test(connections, each_phase_has_its_time)
{
    setup_with(64, 64);
    struct cb_overdue overdue[64];
    for (int phase = 0; phase < CB_PHASE_ENDED; phase++) {
        cr_assert_null(add(0, "10.0.0.1"));
        cb_connection_enter(c, &entries[0], (enum cb_phase)phase);
        cr_assert_eq((int)cb_connection_phase(&entries[0]), phase);
        cr_assert_eq(expire((phase + 1) * 1000 - 100, false, overdue, 64), 0, "%s early",
                     cb_phase_name(phase));
        cr_assert_eq(expire((phase + 1) * 1000, false, overdue, 64), 1, "%s late", cb_phase_name(phase));
        cr_assert_eq((int)overdue[0].phase, phase);
        cr_assert_eq(cb_connection_phase(&entries[0]), CB_PHASE_ENDED);
        cr_assert_eq(expire(1000000, false, overdue, 64), 0, "reported once");
        cb_connections_remove(c, &entries[0]);
    }
    cb_connections_free(c);
}

Test(connections, expires_in_batches)
{
    setup_with(64, 64);
    struct cb_overdue overdue[10];
    for (size_t i = 0; i < 25; i++) {
        cr_assert_null(add(i, "10.0.0.1"));
    }
    cr_assert_eq(expire(5000, false, overdue, 10), 10);
    cr_assert_eq(expire(5000, false, overdue, 10), 10);
    cr_assert_eq(expire(5000, false, overdue, 10), 5);
    cb_connections_free(c);
}

Test(connections, at_the_end_only_requests_go_on)
{
    setup_with(64, 64);
    struct cb_overdue overdue[10];
    for (size_t i = 0; i < CB_PHASE_ENDED; i++) {
        cr_assert_null(add(i, "10.0.0.1"));
        cb_connection_enter(c, &entries[i], (enum cb_phase)i);
    }
    cr_assert_eq(expire(0, true, overdue, 10), 0, "not overdue, not reported");
    for (size_t i = 0; i < CB_PHASE_ENDED; i++) {
        const bool ended = cb_connection_phase(&entries[i]) == CB_PHASE_ENDED;
        cr_assert_eq(ended, i == CB_PHASE_HANDSHAKE || i == CB_PHASE_IDLE, "%s",
                     cb_phase_name((enum cb_phase)i));
    }
    cb_connections_free(c);
}

Test(connections, a_partner_behind_a_proxy_counts_as_itself)
{
    setup_with(8, 2);
    const struct in6_addr partner = address("192.0.2.7"), other = address("192.0.2.8"),
                          nine = address("10.0.0.9");
    for (size_t i = 0; i < 5; i++) {
        cr_assert_null(add(i, "10.0.0.9"));
    }
    cr_assert_null(cb_connections_move(c, &entries[0], &partner));
    cr_assert_null(cb_connections_move(c, &entries[1], &partner));
    cr_assert_str_eq(cb_connections_move(c, &entries[2], &partner), "connections_per_address");
    cr_assert(IN6_ARE_ADDR_EQUAL(&entries[2].address, &nine));
    cr_assert_null(cb_connections_move(c, &entries[2], &other));
    cr_assert_str_eq(cb_connections_full(c, &partner), "connections_per_address");
    cb_connections_remove(c, &entries[0]);
    cr_assert_null(cb_connections_full(c, &partner));

    /* Who really has a proxy's address is not exempt; who only has not said yet does not count against it. */
    cr_assert_null(cb_connections_move(c, &entries[1], &nine));
    cr_assert_null(cb_connections_move(c, &entries[3], &nine));
    cr_assert_str_eq(cb_connections_move(c, &entries[4], &nine), "connections_per_address");
    cr_assert_eq(cb_connections_count(c), 4);
    cb_connections_free(c);
}
