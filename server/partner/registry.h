/* All clients, and the trust groups that their certificates lead to, as the running server holds them. */
#ifndef CB_REGISTRY_H
#define CB_REGISTRY_H

#include "cert/trust.h"
#include "config/config.h"
#include "partner/client.h"

/* --- clients: filled once, then immutable and shared by threads --- */

struct cb_registry;

struct cb_registry *cb_registry_new(void); /* NULL: memory */
struct cb_registry *cb_registry_ref(struct cb_registry *r);
void cb_registry_unref(struct cb_registry *r); /* NULL is fine */

/* CB_E_REGISTRATION: the record is not understood, the client stays unknown and the registry is still good.
 */
CB_MUST cb_registry_add(struct cb_registry *r, const struct cb_client_record *record, struct cb_err *err);

/* A certificate that the operator revoked. CB_E_MEMORY. */
CB_MUST cb_registry_add_revoked(struct cb_registry *r, struct cb_str x5t, struct cb_err *err);
bool cb_registry_is_revoked(const struct cb_registry *r, const struct cb_x5t *x5t);

const struct cb_client *cb_registry_find(const struct cb_registry *r,
                                         struct cb_str client_id); /* NULL: unknown */
size_t cb_registry_count(const struct cb_registry *r);

/* The clients in no particular order: i below cb_registry_count. */
const struct cb_client *cb_registry_at(const struct cb_registry *r, size_t i);

/* --- trust groups: loaded from the files that the configuration names --- */

struct cb_trust_groups;

/* One group's CAs and rules. A folder gives every .pem and .crt file in it. CB_E_FILE, CB_E_CONFIG: the
 * detail names the group and the file. */
CB_MUST cb_trust_group_load(const struct cb_config_trust_group *from, struct cb_trust **out,
                            struct cb_err *err);

/* All of them. */
CB_MUST cb_trust_groups_load(const struct cb_config *config, struct cb_trust_groups **out,
                             struct cb_err *err);
struct cb_trust_groups *cb_trust_groups_ref(struct cb_trust_groups *t);
void cb_trust_groups_unref(struct cb_trust_groups *t); /* NULL is fine */
const struct cb_trust *cb_trust_groups_find(const struct cb_trust_groups *t,
                                            struct cb_str name); /* NULL: unknown */

/* In the order of the configuration: i below the count. */
size_t cb_trust_groups_count(const struct cb_trust_groups *t);
const struct cb_trust *cb_trust_groups_at(const struct cb_trust_groups *t, size_t i, const char **out_name);

#endif
