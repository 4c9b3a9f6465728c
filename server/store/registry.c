/* The registry, read whole. */
#include "store/rows.h"
#include "store/tx.h"

struct reading {
    struct cb_tx *tx;
    const struct cb_registry_reader *each;
    int64_t generation;
};

static cb_status on_key(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct reading *r = ctx;
    const struct cb_key_record key = cb_key_of_row(row);
    r->tx->once = true;
    return r->each->key(r->each->ctx, &key, err);
}

static cb_status on_revocation(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct reading *r = ctx;
    const struct cb_revocation_record revocation = cb_revocation_of_row(row);
    r->tx->once = true;
    return r->each->revocation(r->each->ctx, &revocation, err);
}

static cb_status on_client(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct reading *r = ctx;
    const struct cb_client_record client = cb_client_of_row(row);
    r->tx->once = true;
    return r->each->client(r->each->ctx, &client, err);
}

static cb_status read_all(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    struct reading *r = ctx;
    r->tx = tx;
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_REGISTRY_GENERATION, NULL, cb_row_number, &r->generation, NULL, err));
    if (r->each->key != NULL) {
        CB_TRY(cb_tx_run(tx, CB_STATEMENT_KEY_ALL, NULL, on_key, r, NULL, err));
    }
    if (r->each->revocation != NULL) {
        CB_TRY(cb_tx_run(tx, CB_STATEMENT_REVOCATION_ALL, NULL, on_revocation, r, NULL, err));
    }
    if (r->each->client != NULL) {
        CB_TRY(cb_tx_run(tx, CB_STATEMENT_CLIENT_ALL, NULL, on_client, r, NULL, err));
    }
    return CB_OK;
}

cb_status cb_store_read_registry(struct cb_store *s, const struct cb_registry_reader *each,
                                 int64_t *out_generation, struct cb_err *err)
{
    struct reading r = { .each = each };
    CB_TRY(cb_store_in_tx(s, CB_TX_READ, read_all, &r, err));
    *out_generation = r.generation;
    return CB_OK;
}
