/* Tokens that were verified, by their SHA-256. Bounded: a fixed table, in which a new token takes the place
 * of the one in its set that expires first. Remembers the verdict on the token only: dates and certificate
 * are for the caller to check on every hit. */
#ifndef CB_CACHE_H
#define CB_CACHE_H

#include <pthread.h>

#include "verifier/claims.h"

enum {
    CB_CACHE_SHARDS = 16, /* locks, so that threads seldom wait for each other */
    CB_CACHE_WAYS = 8,    /* tokens in a set */
    CB_CACHE_LEAST = CB_CACHE_SHARDS * CB_CACHE_WAYS,
    CB_CACHE_MOST = 1 << 20,
    CB_CACHE_CLAIMS_BYTES = 4096, /* a larger token is verified anew each time */
};

struct cb_token_hash {
    uint8_t b[CB_SHA256_BYTES];
};

struct cb_cache_entry;

struct cb_cache_shard {
    pthread_mutex_t lock;
    uint64_t generation; /* of the settings under which its tokens were verified */
    size_t sets;         /* 0 or a power of two */
    struct cb_cache_entry *entries;
};

struct cb_cache {
    struct cb_cache_shard shards[CB_CACHE_SHARDS];
};

bool cb_cache_init(struct cb_cache *c);
void cb_cache_done(struct cb_cache *c);

/* Empties it and gives it room for `tokens`, rounded up; 0 for none. False when memory is used up: then
 * nothing changed. One caller at a time. */
bool cb_cache_resize(struct cb_cache *c, size_t tokens);

/* Empties it; from now on only tokens verified under this generation are remembered. */
void cb_cache_flush(struct cb_cache *c, uint64_t generation);

/* A reference of the caller's own, or NULL. */
certbound_claims *cb_cache_find(struct cb_cache *c, const struct cb_token_hash *key, uint64_t generation);

/* Takes a reference if it has room; allocates nothing. */
void cb_cache_put(struct cb_cache *c, const struct cb_token_hash *key, uint64_t generation,
                  certbound_claims *claims);

#endif
