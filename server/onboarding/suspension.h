/* Clients whose software statement has ended, where their directory asks for it: refused from that second on
 * by whoever looks at the time (cb_client_statement_is_over), and written down once. */
#ifndef CB_SUSPENSION_H
#define CB_SUSPENSION_H

#include "log/log.h"
#include "partner/registry.h"
#include "store/store.h"

/* When the next one ends that is not suspended yet; INT64_MAX: none does. It may be past. */
int64_t cb_suspension_next(const struct cb_registry *registry, const struct cb_config *config);

/* Suspends those that ended. Of several nodes one does it, and logs it. The failures of the store. */
CB_MUST cb_suspend_ended(struct cb_store *store, const struct cb_registry *registry,
                         const struct cb_config *config, int64_t now, struct cb_log *log, struct cb_err *err);

#endif
