#include "partner/peer_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/ct.h"

/* A key belongs to one set and stands anywhere in it. */
enum { SETS = 256, WAYS = 4 };

struct slot {
    struct cb_peer_key key;
    struct cb_peer *peer; /* NULL: free */
    uint64_t given;
};

struct cb_peer_cache {
    pthread_mutex_t lock;
    uint64_t clock; /* one more with every peer given */
    struct slot slots[SETS][WAYS];
};

struct cb_peer_cache *cb_peer_cache_new(void)
{
    struct cb_peer_cache *c = calloc(1, sizeof *c);
    if (c != NULL) {
        (void)pthread_mutex_init(&c->lock, NULL);
    }
    return c;
}

void cb_peer_cache_free(struct cb_peer_cache *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t s = 0; s < SETS; s++) {
        for (size_t w = 0; w < WAYS; w++) {
            cb_peer_free(c->slots[s][w].peer);
        }
    }
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct slot *set_of(struct cb_peer_cache *c, const struct cb_peer_key *k)
{
    return c->slots[k->b[0] % SETS];
}

static bool holds(const struct slot *s, const struct cb_peer_key *k)
{
    return s->peer != NULL && cb_ct_eq(s->key.b, sizeof s->key.b, k->b, sizeof k->b);
}

struct cb_peer *cb_peer_cache_take(struct cb_peer_cache *c, const struct cb_peer_key *k)
{
    struct cb_peer *found = NULL;
    (void)pthread_mutex_lock(&c->lock);
    struct slot *set = set_of(c, k);
    for (size_t w = 0; w < WAYS && found == NULL; w++) {
        if (holds(&set[w], k)) {
            found = CB_TAKE(set[w].peer);
        }
    }
    (void)pthread_mutex_unlock(&c->lock);
    return found;
}

/* The one that stands for this key already, a free one, or the one that was given longest ago. */
static struct slot *slot_for(struct slot *set, const struct cb_peer_key *k)
{
    struct slot *best = &set[0];
    for (size_t w = 0; w < WAYS; w++) {
        if (holds(&set[w], k)) {
            return &set[w];
        }
        if (best->peer != NULL && (set[w].peer == NULL || set[w].given < best->given)) {
            best = &set[w];
        }
    }
    return best;
}

void cb_peer_cache_give(struct cb_peer_cache *c, const struct cb_peer_key *k, struct cb_peer *peer)
{
    (void)pthread_mutex_lock(&c->lock);
    struct slot *slot = slot_for(set_of(c, k), k);
    struct cb_peer *displaced = slot->peer;
    *slot = (struct slot){ .key = *k, .peer = peer, .given = c->clock++ };
    (void)pthread_mutex_unlock(&c->lock);
    cb_peer_free(displaced);
}
