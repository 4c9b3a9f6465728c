/* Certificates of connections that ended, with what was found out about them, for the next connection that
 * presents the same: a partner that connects for every request would else pay more for the parsing of its
 * certificate than for a resumed handshake. */
#ifndef CB_PEERS_H
#define CB_PEERS_H

#include "partner/peer.h"

#define CB_PEERS_KEPT 128 /* in all */
#define CB_PEERS_KEPT_EACH                                                                                   \
    8 /* of one chain: as many connections of one partner start at once for nothing                          \
       */

/* Thread-safe. A peer is the connection's from take to give, so that no two threads ever have it. */
struct cb_peers;

CB_MUST cb_peers_new(struct cb_peers **out, struct cb_err *err);
void cb_peers_free(struct cb_peers *p); /* NULL is fine */

/* One for the presented chain, the leaf first: a kept one, byte for byte the same, or a new one. *out_key is
 * for cb_peers_give. CB_E_MEMORY, CB_E_CRYPTO. */
CB_MUST cb_peers_take(struct cb_peers *p, const struct cb_str *ders, size_t count, struct cb_peer **out,
                      struct cb_x5t *out_key, struct cb_err *err);

/* Keeps it, in the place of the one that waited longest when there is no other. Give only what authenticated
 * a client, so that strangers cannot drive partners out. */
void cb_peers_give(struct cb_peers *p, const struct cb_x5t *key, struct cb_peer *peer);

#endif
