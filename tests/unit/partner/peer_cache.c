#include "partner/peer_cache.h"

#include <criterion/criterion.h>

#include "testlib/pki.h"

static struct cb_peer_cache *cache;
static struct cb_peer *alice;

static struct cb_peer *peer_of(const char *name)
{
    const struct pki_value subject[] = { { .type = "CN", .value = name }, { 0 } };
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = subject });
    const struct cb_str der = pki_der(c);
    struct cb_peer *p = cb_peer_new(&der, 1);
    pki_free(c);
    return p;
}

/* Keys with the same first byte share a set. */
static struct cb_peer_key key(uint8_t set, uint8_t rest)
{
    return (struct cb_peer_key){ { set, rest } };
}

static struct cb_peer *take(struct cb_peer_key k)
{
    return cb_peer_cache_take(cache, &k);
}

static void give(struct cb_peer_key k, struct cb_peer *p)
{
    cb_peer_cache_give(cache, &k, p);
}

static void set_up(void)
{
    cache = cb_peer_cache_new();
    alice = peer_of("alice");
    cr_assert(cache != NULL && alice != NULL);
}

static void tear_down(void)
{
    cb_peer_cache_free(cache);
}

TestSuite(peer_cache, .init = set_up, .fini = tear_down);

Test(peer_cache, who_takes_a_peer_has_it_alone)
{
    give(key(1, 1), alice);
    cr_expect_null(take(key(1, 2)));
    cr_expect_null(take(key(2, 1)));
    cr_expect_eq(take(key(1, 1)), alice);
    cr_expect_null(take(key(1, 1)));
    give(key(1, 1), alice);
    cr_expect_eq(take(key(1, 1)), alice);
    cb_peer_free(alice);
}

Test(peer_cache, a_key_has_one_peer)
{
    struct cb_peer *second = peer_of("alice");
    give(key(1, 1), alice);
    give(key(1, 1), second); /* the first is freed */
    cr_expect_eq(take(key(1, 1)), second);
    cr_expect_null(take(key(1, 1)));
    cb_peer_free(second);
}

Test(peer_cache, the_longest_unused_goes_first)
{
    give(key(1, 1), alice);
    for (uint8_t i = 2; i <= 4; i++) {
        give(key(1, i), peer_of("other"));
    }
    give(key(1, 1), take(key(1, 1))); /* used again */
    give(key(1, 5), peer_of("other"));
    cr_expect_null(take(key(1, 2)));
    cr_expect_eq(take(key(1, 1)), alice);
    cb_peer_free(alice);
}

Test(peer_cache, nothing_to_free)
{
    cb_peer_cache_free(NULL);
    cb_peer_free(alice);
}
