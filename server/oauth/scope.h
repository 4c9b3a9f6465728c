/* Scopes and the resource they belong to: RFC 6749 section 3.3, RFC 8707, RFC 9068 section 3. */
#ifndef CB_SCOPE_H
#define CB_SCOPE_H

#include "config/config.h"
#include "oauth/exchange.h"
#include "partner/client.h"
#include "partner/profile.h"

struct cb_entitlement {
    const char *resource; /* the audience */
    struct cb_str scope;  /* space-separated, in the order asked for; in the request's arena */
};

/* What the client gets: scopes of one resource that were requested, are registered, and that the roles in the
 * certificate of this connection allow, where its profile has roles, and those of the client's software
 * statement, where it speaks of any. Without `scope`, all that the client
 * has of the resource; without `resource`, the one that the scopes belong to, or the default one.
 * CB_E_SCOPE_MALFORMED, _UNKNOWN, _OF_TWO_RESOURCES, _NOT_ALLOWED, _ROLE; CB_E_TARGET_MALFORMED, _UNKNOWN,
 * _NOT_ALLOWED. */
CB_MUST cb_entitle(struct cb_arena *a, const struct cb_config *config, const struct cb_client *client,
                   const struct cb_profile_facts *facts, struct cb_str scope,
                   const struct cb_param_list *resources, struct cb_entitlement *out, struct cb_err *err);

#endif
