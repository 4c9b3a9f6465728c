/* The certificate that a connection presented, parsed once, with its last chain verdict. */
#ifndef CB_PEER_H
#define CB_PEER_H

#include "cert/cert.h"
#include "cert/trust.h"
#include "partner/profile.h"

struct cb_client;
struct cb_peer;

/* The presented chain, the leaf first, as DER. Parses the leaf; that may fail and is remembered: the peer
 * then exists and refuses with CB_E_CERT_MALFORMED, because a connection must get an OAuth error and not a
 * TLS one. NULL when memory is used up. Heap; used by one request at a time. */
struct cb_peer *cb_peer_new(const struct cb_str *ders, size_t count);
void cb_peer_free(struct cb_peer *p); /* NULL is fine */

/* The parsed leaf, or the reason why there is none. */
CB_MUST cb_peer_cert(const struct cb_peer *p, const struct cb_cert **out, struct cb_err *err);

/* cb_trust_check of the presented chain, remembered until the verdict ends, for the trust group and
 * generation that was asked for last; a failure, for its second. *out_path (NULL is fine) is the peer's,
 * until the next check. */
CB_MUST cb_peer_check(struct cb_peer *p, const struct cb_trust *trust, uint64_t generation, int64_t now,
                      const struct cb_trust_path **out_path, struct cb_err *err);

/* The path of the last check was found not revoked, which holds to that second; another check forgets it. */
bool cb_peer_is_unrevoked(const struct cb_peer *p, int64_t now);
void cb_peer_remember_unrevoked(struct cb_peer *p, int64_t until);

/* A match of certificate and client, and what the certificate says of its holder, hold as long as both stay
 * the same: the client is one of this generation. NULL: not known as that client. */
const struct cb_profile_facts *cb_peer_known_as(const struct cb_peer *p, const struct cb_client *client,
                                                uint64_t generation);

/* The facts are copied; what they borrow is the leaf's. */
void cb_peer_remember(struct cb_peer *p, const struct cb_client *client, const struct cb_profile_facts *facts,
                      uint64_t generation);

/* The key of the CA that issued the leaf, after a check that succeeded; NULL: there was none. */
const struct cb_key_hash *cb_peer_issuer_key(const struct cb_peer *p);

/* Is it time to note that this certificate was seen? At most once in ten minutes of one connection. */
bool cb_peer_is_to_be_noted(struct cb_peer *p, int64_t now);

#endif
