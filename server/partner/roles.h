/* What the roles of a partner allow, by the configuration. */
#ifndef CB_ROLES_H
#define CB_ROLES_H

#include "base/buf.h"
#include "partner/profile.h"

/* May a token for this certificate carry the scope? Where the roles count, some row of `roles` must name one
 * of them and the scope; elsewhere every scope is allowed. */
bool cb_roles_allow(const struct cb_config *config, const struct cb_profile_facts *facts,
                    struct cb_str scope);

/* The same for the roles that a software statement names, "AISP PISP"; without any, it limits nothing. */
bool cb_role_names_allow(const struct cb_config *config, struct cb_str names, struct cb_str scope);

/* The names of the roles, "PSP_PI PSP_AI", in at most CB_ROLES_TEXT bytes. */
void cb_roles_print(unsigned roles, struct cb_buf *out);
#define CB_ROLES_TEXT 64

/* The scopes that they allow, each once, in the order of the configuration. */
void cb_roles_print_scopes(const struct cb_config *config, const struct cb_profile_facts *facts,
                           struct cb_buf *out);

#endif
