#include "verifier/cache.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(cache);

static struct cb_token_hash key_of(unsigned n)
{
    /* byte 0 chooses the shard, 1 to 3 the set */
    struct cb_token_hash k = { { 0 } };
    k.b[1] = (uint8_t)n;
    k.b[2] = (uint8_t)(n >> 8);
    k.b[31] = (uint8_t)(n >> 16);
    return k;
}

static certbound_claims *claims_until(int64_t expires)
{
    return cb_claims_new(&(struct cb_claims_of){ .dates = { .expires = expires } });
}

static bool put(struct cb_cache *c, struct cb_token_hash key, uint64_t generation, int64_t expires)
{
    certbound_claims *claims = claims_until(expires);
    cb_cache_put(c, &key, generation, claims);
    certbound_claims_free(claims);
    certbound_claims *found = cb_cache_find(c, &key, generation);
    certbound_claims_free(found);
    return found != NULL;
}

static bool has(struct cb_cache *c, struct cb_token_hash key, uint64_t generation)
{
    certbound_claims *found = cb_cache_find(c, &key, generation);
    certbound_claims_free(found);
    return found != NULL;
}

Test(cache, without_room_it_remembers_nothing)
{
    struct cb_cache c;
    cr_assert(cb_cache_init(&c));
    cr_assert(!put(&c, key_of(1), 0, 10));
    cr_assert(cb_cache_resize(&c, 1));
    cr_assert(put(&c, key_of(1), 0, 10));
    cr_assert(cb_cache_resize(&c, 0));
    cr_assert(!has(&c, key_of(1), 0));
    cr_assert(!put(&c, key_of(1), 0, 10));
    cb_cache_done(&c);
}

Test(cache, full_set_gives_up_what_expires_first)
{
    struct cb_cache c;
    cr_assert(cb_cache_init(&c));
    cr_assert(cb_cache_resize(&c, CB_CACHE_LEAST)); /* one set in each shard */
    for (unsigned n = 0; n < CB_CACHE_WAYS; n++) {
        cr_assert(put(&c, key_of(n), 0, 100 + (n + 5) % CB_CACHE_WAYS));
    }
    for (unsigned n = 0; n < CB_CACHE_WAYS; n++) {
        cr_assert(has(&c, key_of(n), 0));
    }
    cr_assert(put(&c, key_of(1000), 0, 50));
    cr_assert(!has(&c, key_of(3), 0), "key 3 expired at 100");
    cr_assert(put(&c, key_of(1001), 0, 200));
    cr_assert(!has(&c, key_of(1000), 0), "then the newest, which expired at 50");
    cr_assert(has(&c, key_of(4), 0));
    cb_cache_done(&c);
}

Test(cache, generations_do_not_mix)
{
    struct cb_cache c;
    cr_assert(cb_cache_init(&c));
    cr_assert(cb_cache_resize(&c, 1000));
    cr_assert(put(&c, key_of(1), 0, 10));
    cr_assert(!has(&c, key_of(1), 1));
    cb_cache_flush(&c, 1);
    cr_assert(!has(&c, key_of(1), 0));
    cr_assert(!has(&c, key_of(1), 1));
    cr_assert(!put(&c, key_of(1), 0, 10), "verified under settings that are gone");
    cr_assert(put(&c, key_of(1), 1, 10));
    cb_cache_done(&c);
}

Test(cache, memory_is_bounded)
{
    struct cb_cache c;
    cr_assert(cb_cache_init(&c));
    cr_assert(cb_cache_resize(&c, 1000));
    unsigned kept = 0;
    for (unsigned n = 0; n < 5000; n++) {
        struct cb_token_hash k = key_of(n);
        k.b[0] = (uint8_t)(n % CB_CACHE_SHARDS);
        cr_assert(put(&c, k, 0, 10));
    }
    for (unsigned n = 0; n < 5000; n++) {
        struct cb_token_hash k = key_of(n);
        k.b[0] = (uint8_t)(n % CB_CACHE_SHARDS);
        kept += has(&c, k, 0);
    }
    cr_assert(kept > 0 && kept <= 1024, "%u", kept);

    char *text = calloc(1, CB_CACHE_CLAIMS_BYTES);
    certbound_claims *small = claims_until(1);
    const size_t rest = CB_CACHE_CLAIMS_BYTES - cb_claims_bytes(small);
    certbound_claims_free(small);
    for (size_t over = 0; over <= 1; over++) {
        certbound_claims *big = cb_claims_new(&(struct cb_claims_of){ .json = { text, rest + over } });
        const struct cb_token_hash k = key_of(7000 + (unsigned)over);
        cb_cache_put(&c, &k, 0, big);
        certbound_claims_free(big);
        cr_assert_eq(has(&c, k, 0), over == 0);
    }
    free(text);
    cb_cache_done(&c);
}
