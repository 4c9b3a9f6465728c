/* The certificates that the operator revoked here. */
#include "base/limits.h"
#include "store/record.h"
#include "store/rows.h"
#include "store/tx.h"

#define FIELD(member, min, max, kind)                                                                        \
    {                                                                                                        \
#member, offsetof(struct cb_revocation_record, member), (min), (max), (kind)                         \
    }
static const struct cb_field fields[] = {
    FIELD(x5t, CB_STORE_DIGEST, CB_STORE_DIGEST, CB_FIELD_BYTES),
    FIELD(client_id, 0, CB_LIMIT_CLIENT_ID, CB_FIELD_TEXT),
    FIELD(reason, 0, CB_LIMIT_REASON, CB_FIELD_TEXT),
};
#undef FIELD

/* Tidies up where the table grows: no job has to. */
static cb_status add(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    const struct cb_revocation_record *r = ctx;
    const struct cb_sql_value now[] = { cb_sql_number(r->revoked_at) };
    const struct cb_sql_value params[] = { cb_sql_bytes(r->x5t), cb_sql_bytes(r->client_id),
                                           cb_sql_bytes(r->reason), cb_sql_number(r->revoked_at),
                                           cb_sql_number(r->expires_at) };
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_REVOCATION_PURGE, now, NULL, NULL, NULL, err));
    return cb_tx_run(tx, CB_STATEMENT_REVOCATION_ADD, params, NULL, NULL, NULL, err);
}

cb_status cb_store_revocation_add(struct cb_store *s, const struct cb_revocation_record *r,
                                  struct cb_err *err)
{
    CB_TRY(cb_fields_check(fields, CB_COUNT(fields), r, CB_E_REGISTRATION, err));
    CB_ENSURE(r->revoked_at >= 0 && r->expires_at >= 0, CB_E_REGISTRATION, "a time before 1970");
    struct cb_revocation_record copy = *r;
    return cb_store_in_tx(s, CB_TX_WRITE, add, &copy, err);
}

cb_status cb_store_revocation_remove(struct cb_store *s, struct cb_str x5t, struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(x5t) };
    return cb_store_run_on(s, CB_STATEMENT_REVOCATION_REMOVE, params, NULL, NULL,
                           "this certificate is not revoked here", err);
}

struct cb_revocation_record cb_revocation_of_row(const struct cb_sql_value *row)
{
    return (struct cb_revocation_record){
        .x5t = row[0].bytes,
        .client_id = row[1].bytes,
        .reason = row[2].bytes,
        .revoked_at = row[3].number,
        .expires_at = row[4].number,
    };
}

struct page {
    cb_revocation_fn each;
    void *ctx;
};

static cb_status on_revocation(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct page *p = ctx;
    const struct cb_revocation_record r = cb_revocation_of_row(row);
    return p->each(p->ctx, &r, err);
}

cb_status cb_store_revocation_page(struct cb_store *s, const struct cb_revocation_page *page,
                                   cb_revocation_fn each, void *ctx, struct cb_err *err)
{
    static const char least[CB_STORE_DIGEST]; /* no certificate comes before it */
    const bool first = page->after.x5t.n == 0;
    const struct cb_sql_value params[] = {
        cb_sql_bytes(page->client_id),
        cb_sql_number(first ? INT64_MIN : page->after.revoked_at),
        cb_sql_bytes(first ? (struct cb_str){ least, sizeof least } : page->after.x5t),
        cb_sql_number(page->limit),
    };
    struct page p = { each, ctx };
    return cb_store_run(s, CB_STATEMENT_REVOCATION_PAGE, params, on_revocation, &p, NULL, err);
}
