/* Signed requests that count once. */
#include "store/record.h"
#include "store/tx.h"

struct use {
    struct cb_str request;
    int64_t expires_at, now;
};

/* Tidies up where the table grows: no job has to. */
static cb_status use(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    const struct use *u = ctx;
    const struct cb_sql_value now[] = { cb_sql_number(u->now) };
    const struct cb_sql_value params[] = { cb_sql_bytes(u->request), cb_sql_number(u->expires_at) };
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_REQUEST_PURGE, now, NULL, NULL, NULL, err));
    return cb_tx_run(tx, CB_STATEMENT_REQUEST_USE, params, NULL, NULL, NULL, err);
}

cb_status cb_store_request_use(struct cb_store *s, struct cb_str request, int64_t expires_at, int64_t now,
                               struct cb_err *err)
{
    CB_ENSURE(request.n == CB_STORE_DIGEST && expires_at >= 0, CB_E_INTERNAL, "request");
    struct use u = { request, expires_at, now };
    return cb_store_in_tx(s, CB_TX_WRITE, use, &u, err);
}
