/* Does a peer belong to a trust group, as of now? The one question to ask before a certificate counts. */
#ifndef CB_GROUP_PEER_H
#define CB_GROUP_PEER_H

#include "oauth/snapshot.h"
#include "partner/peer.h"

/* The peer's chain leads to an anchor of the group (cb_peer_check) and is not revoked by the group's policy
 * (cb_revocation_check); both are remembered for this snapshot. *out_path (NULL is fine) is the peer's, until
 * the next check. CB_E_TRUST_GROUP_UNKNOWN, and the codes of both. */
CB_MUST cb_peer_check_group(const struct cb_snapshot *s, struct cb_peer *peer, struct cb_str group,
                            int64_t now, const struct cb_trust_path **out_path, struct cb_err *err);

#endif
