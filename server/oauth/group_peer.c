#include "oauth/group_peer.h"

/* Trust and configuration are swapped as one: a group that is trusted is configured. */
static const struct cb_config_trust_group *configured(const struct cb_config *c, struct cb_str group)
{
    for (size_t i = 0; i < c->trust_group_count; i++) {
        if (cb_str_is(group, c->trust_groups[i].name)) {
            return &c->trust_groups[i];
        }
    }
    return NULL;
}

static cb_status check_revoked(const struct cb_snapshot *s, struct cb_peer *peer, struct cb_str group,
                               const struct cb_trust_path *path, int64_t now, struct cb_err *err)
{
    const struct cb_config_trust_group *policy = configured(s->config, group);
    const struct cb_cert *leaf = NULL;
    int64_t until = 0;
    CB_ENSURE(policy != NULL, CB_E_TRUST_GROUP_UNKNOWN, "trust group " CB_STR_FMT " is not configured",
              CB_STR_ARG(group));
    CB_TRY(cb_peer_cert(peer, &leaf, err));
    CB_TRY(cb_revocation_check(s->revocation, policy, path, leaf, now, &until, err));
    cb_peer_remember_unrevoked(peer, until);
    return CB_OK;
}

cb_status cb_peer_check_group(const struct cb_snapshot *s, struct cb_peer *peer, struct cb_str group,
                              int64_t now, const struct cb_trust_path **out_path, struct cb_err *err)
{
    const struct cb_trust *trust = cb_trust_groups_find(s->trust, group);
    const struct cb_trust_path *path = NULL;
    CB_ENSURE(trust != NULL, CB_E_TRUST_GROUP_UNKNOWN, "trust group " CB_STR_FMT " is not configured",
              CB_STR_ARG(group));
    CB_TRY(cb_peer_check(peer, trust, s->generation, now, &path, err));
    if (!cb_peer_is_unrevoked(peer, now)) {
        CB_TRY(check_revoked(s, peer, group, path, now, err));
    }
    if (out_path != NULL) {
        *out_path = path;
    }
    return CB_OK;
}
