/* Partners whose certificates come again and again from elsewhere than a TLS session of ours: parsed, judged
 * and matched once, as the peer of a connection is. */
#ifndef CB_PEER_CACHE_H
#define CB_PEER_CACHE_H

#include "partner/peer.h"

/* Bounded; the longest unused go first. Thread-safe. Heap. */
struct cb_peer_cache;

/* SHA-256 of whatever the peer was made from. */
struct cb_peer_key {
    uint8_t b[32];
};

struct cb_peer_cache *cb_peer_cache_new(void);    /* NULL: memory */
void cb_peer_cache_free(struct cb_peer_cache *c); /* NULL is fine; peers that were taken are the taker's */

/* A peer serves one request at a time, so whoever takes it has it alone until it is given back; meanwhile
 * others find none and make their own. NULL: none is here. */
struct cb_peer *cb_peer_cache_take(struct cb_peer_cache *c, const struct cb_peer_key *k);
void cb_peer_cache_give(struct cb_peer_cache *c, const struct cb_peer_key *k, struct cb_peer *peer);

#endif
