#include "onboarding/suspension.h"

static bool may_end(const struct cb_client *c, const struct cb_config *config)
{
    return !c->suspended && cb_client_statement_is_over(c, config, INT64_MAX);
}

int64_t cb_suspension_next(const struct cb_registry *registry, const struct cb_config *config)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < cb_registry_count(registry); i++) {
        const struct cb_client *c = cb_registry_at(registry, i);
        if (c->statement_expires_at < next && may_end(c, config)) {
            next = c->statement_expires_at;
        }
    }
    return next;
}

cb_status cb_suspend_ended(struct cb_store *store, const struct cb_registry *registry,
                           const struct cb_config *config, int64_t now, struct cb_log *log,
                           struct cb_err *err)
{
    for (size_t i = 0; i < cb_registry_count(registry); i++) {
        const struct cb_client *c = cb_registry_at(registry, i);
        struct cb_err why = { 0 };
        if (c->suspended || !cb_client_statement_is_over(c, config, now)) {
            continue;
        }
        if (!CB_FAILED(cb_store_client_suspend(store, c->id, c->statement_expires_at, now, &why))) {
            CB_LOG(log, CB_EV_CLIENT_SUSPENDED, NULL, CB_F_STR("client_id", c->id),
                   CB_F_STR("directory", c->directory));
            continue;
        }
        /* Another node was faster, or the client has a new statement, or is gone. */
        CB_ENSURE(why.code == CB_E_CHANGED_MEANWHILE || why.code == CB_E_NOT_FOUND, why.code, "%.200s",
                  why.detail);
    }
    return CB_OK;
}
