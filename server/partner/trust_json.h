/* A trust group as the command line and the admin API show it. */
#ifndef CB_TRUST_JSON_H
#define CB_TRUST_JSON_H

#include "base/json_out.h"
#include "cert/trust.h"
#include "config/config.h"

/* Members of an object that the caller opens and closes: what the group demands, and its authorities. */
void cb_trust_group_json(const struct cb_config_trust_group *g, const struct cb_trust *t,
                         struct cb_json_out *j);

/* Likewise: what its policy of revocation says. */
void cb_revocation_policy_json(const struct cb_config_revocation *r, struct cb_json_out *j);

/* The authority's name in RFC 4514, appended. */
void cb_authority_print(const struct cb_authority *a, struct cb_buf *out);

#endif
