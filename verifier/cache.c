#include "verifier/cache.h"

#include <stdlib.h>

#include "base/ct.h"
#include "base/result.h"

struct cb_cache_entry {
    struct cb_token_hash key;
    certbound_claims *claims; /* NULL: free */
};

bool cb_cache_init(struct cb_cache *c)
{
    *c = (struct cb_cache){ 0 };
    for (size_t i = 0; i < CB_CACHE_SHARDS; i++) {
        if (pthread_mutex_init(&c->shards[i].lock, NULL) != 0) {
            while (i-- > 0) {
                (void)pthread_mutex_destroy(&c->shards[i].lock);
            }
            return false;
        }
    }
    return true;
}

static void drop_all(struct cb_cache_entry *entries, size_t sets)
{
    for (size_t i = 0; i < sets * CB_CACHE_WAYS; i++) {
        certbound_claims_free(CB_TAKE(entries[i].claims));
    }
}

void cb_cache_done(struct cb_cache *c)
{
    for (size_t i = 0; i < CB_CACHE_SHARDS; i++) {
        struct cb_cache_shard *s = &c->shards[i];
        drop_all(s->entries, s->sets);
        free(s->entries);
        (void)pthread_mutex_destroy(&s->lock);
    }
}

static size_t sets_for(size_t tokens)
{
    size_t sets = tokens == 0 ? 0 : 1;
    while (sets * CB_CACHE_LEAST < tokens) {
        sets *= 2;
    }
    return sets;
}

static void replace(struct cb_cache_shard *s, struct cb_cache_entry *entries, size_t sets)
{
    (void)pthread_mutex_lock(&s->lock);
    struct cb_cache_entry *const old = s->entries;
    const size_t old_sets = s->sets;
    s->entries = entries;
    s->sets = sets;
    (void)pthread_mutex_unlock(&s->lock);
    drop_all(old, old_sets);
    free(old);
}

bool cb_cache_resize(struct cb_cache *c, size_t tokens)
{
    const size_t sets = sets_for(tokens);
    struct cb_cache_entry *fresh[CB_CACHE_SHARDS] = { NULL };
    for (size_t i = 0; sets > 0 && i < CB_CACHE_SHARDS; i++) {
        fresh[i] = calloc(sets * CB_CACHE_WAYS, sizeof *fresh[i]);
        if (fresh[i] == NULL) {
            while (i-- > 0) {
                free(fresh[i]);
            }
            return false;
        }
    }
    for (size_t i = 0; i < CB_CACHE_SHARDS; i++) {
        replace(&c->shards[i], fresh[i], sets);
    }
    return true;
}

void cb_cache_flush(struct cb_cache *c, uint64_t generation)
{
    for (size_t i = 0; i < CB_CACHE_SHARDS; i++) {
        struct cb_cache_shard *s = &c->shards[i];
        (void)pthread_mutex_lock(&s->lock);
        drop_all(s->entries, s->sets);
        s->generation = generation;
        (void)pthread_mutex_unlock(&s->lock);
    }
}

/* The hash is uniform, so any of its bytes will do to choose the shard and the set. */
static struct cb_cache_shard *shard_of(struct cb_cache *c, const struct cb_token_hash *key)
{
    return &c->shards[key->b[0] % CB_CACHE_SHARDS];
}

static struct cb_cache_entry *set_of(const struct cb_cache_shard *s, const struct cb_token_hash *key)
{
    const size_t number = (size_t)key->b[1] | (size_t)key->b[2] << 8 | (size_t)key->b[3] << 16;
    return s->entries + number % s->sets * CB_CACHE_WAYS;
}

static struct cb_cache_entry *entry_of(struct cb_cache_entry *set, const struct cb_token_hash *key)
{
    for (size_t i = 0; i < CB_CACHE_WAYS; i++) {
        if (set[i].claims != NULL && cb_ct_eq(set[i].key.b, sizeof set[i].key.b, key->b, sizeof key->b)) {
            return &set[i];
        }
    }
    return NULL;
}

certbound_claims *cb_cache_find(struct cb_cache *c, const struct cb_token_hash *key, uint64_t generation)
{
    struct cb_cache_shard *s = shard_of(c, key);
    certbound_claims *found = NULL;
    (void)pthread_mutex_lock(&s->lock);
    if (s->sets > 0 && s->generation == generation) {
        const struct cb_cache_entry *e = entry_of(set_of(s, key), key);
        found = e == NULL ? NULL : cb_claims_ref(e->claims);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return found;
}

/* The free one, or the one that is worth least. */
static struct cb_cache_entry *victim_in(struct cb_cache_entry *set)
{
    struct cb_cache_entry *victim = &set[0];
    for (size_t i = 0; i < CB_CACHE_WAYS && victim->claims != NULL; i++) {
        if (set[i].claims == NULL ||
            cb_claims_dates(set[i].claims)->expires < cb_claims_dates(victim->claims)->expires) {
            victim = &set[i];
        }
    }
    return victim;
}

void cb_cache_put(struct cb_cache *c, const struct cb_token_hash *key, uint64_t generation,
                  certbound_claims *claims)
{
    if (cb_claims_bytes(claims) > CB_CACHE_CLAIMS_BYTES) {
        return;
    }
    struct cb_cache_shard *s = shard_of(c, key);
    certbound_claims *old = NULL;
    (void)pthread_mutex_lock(&s->lock);
    if (s->sets > 0 && s->generation == generation && entry_of(set_of(s, key), key) == NULL) {
        struct cb_cache_entry *e = victim_in(set_of(s, key));
        old = e->claims;
        *e = (struct cb_cache_entry){ *key, cb_claims_ref(claims) };
    }
    (void)pthread_mutex_unlock(&s->lock);
    certbound_claims_free(old);
}
