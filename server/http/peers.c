#include "http/peers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"

struct kept {
    struct cb_peer *peer; /* NULL: free */
    struct cb_x5t key;
    uint64_t since; /* order of giving */
};

struct cb_peers {
    pthread_mutex_t lock;
    uint64_t given;
    struct kept kept[CB_PEERS_KEPT];
};

cb_status cb_peers_new(struct cb_peers **out, struct cb_err *err)
{
    struct cb_peers *p = calloc(1, sizeof *p);
    CB_ENSURE(p != NULL, CB_E_MEMORY, "certificates of connections");
    (void)pthread_mutex_init(&p->lock, NULL);
    *out = p;
    return CB_OK;
}

void cb_peers_free(struct cb_peers *p)
{
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; i < CB_PEERS_KEPT; i++) {
        cb_peer_free(p->kept[i].peer);
    }
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

/* SHA-256 over the SHA-256 of each certificate. */
static cb_status key_of(const struct cb_str *ders, size_t count, struct cb_x5t *out, struct cb_err *err)
{
    struct cb_x5t each[CB_LIMIT_CHAIN + 1];
    CB_ENSURE(count <= CB_COUNT(each), CB_E_LIMIT, "%zu certificates", count);
    for (size_t i = 0; i < count; i++) {
        CB_TRY(cb_x5t_of(ders[i], &each[i], err));
    }
    return cb_x5t_of((struct cb_str){ (const char *)each, count * sizeof *each }, out, err);
}

static bool same(const struct cb_x5t *a, const struct cb_x5t *b)
{
    return cb_str_eq((struct cb_str){ (const char *)a->b, sizeof a->b },
                     (struct cb_str){ (const char *)b->b, sizeof b->b });
}

static struct cb_peer *find(struct cb_peers *p, const struct cb_x5t *key)
{
    struct cb_peer *found = NULL;
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < CB_PEERS_KEPT && found == NULL; i++) {
        if (p->kept[i].peer != NULL && same(&p->kept[i].key, key)) {
            found = CB_TAKE(p->kept[i].peer);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return found;
}

cb_status cb_peers_take(struct cb_peers *p, const struct cb_str *ders, size_t count, struct cb_peer **out,
                        struct cb_x5t *out_key, struct cb_err *err)
{
    struct cb_x5t key;
    CB_TRY(key_of(ders, count, &key, err));
    struct cb_peer *peer = find(p, &key);
    if (peer == NULL) {
        peer = cb_peer_new(ders, count);
    }
    CB_ENSURE(peer != NULL, CB_E_MEMORY, "certificate of a connection");
    *out = peer;
    *out_key = key;
    return CB_OK;
}

/* The slot to give up: one of the same chain when it has its share, else a free one, else the oldest. Called
 * with the lock held. */
static struct kept *slot_for(struct cb_peers *p, const struct cb_x5t *key)
{
    struct kept *oldest = &p->kept[0];
    struct kept *twin = NULL;
    size_t twins = 0;
    for (size_t i = 0; i < CB_PEERS_KEPT; i++) {
        struct kept *k = &p->kept[i];
        if (k->peer != NULL && same(&k->key, key)) {
            twin = k;
            twins++;
        }
        if (oldest->peer != NULL && (k->peer == NULL || k->since < oldest->since)) {
            oldest = k;
        }
    }
    return twins < CB_PEERS_KEPT_EACH ? oldest : twin;
}

void cb_peers_give(struct cb_peers *p, const struct cb_x5t *key, struct cb_peer *peer)
{
    (void)pthread_mutex_lock(&p->lock);
    struct kept *slot = slot_for(p, key);
    struct cb_peer *gone = slot->peer;
    *slot = (struct kept){ .peer = peer, .key = *key, .since = ++p->given };
    (void)pthread_mutex_unlock(&p->lock);
    cb_peer_free(gone);
}
