/* What the verbs are made of: a statement, or a transaction of several, tried again while the database says
 * so. */
#ifndef CB_STORE_TX_H
#define CB_STORE_TX_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"
#include "store/store_ops.h"

struct cb_store {
    const struct cb_store_ops *ops;
    pthread_mutex_t lock; /* held while db is in use */
    struct cb_db *db;
    struct cb_db *follower; /* for cb_store_wait_change only */
    int wake_fd;
    _Atomic uint64_t statements;
};

struct cb_tx {
    struct cb_store *store;
    bool once; /* set by a body that has handed something out and must not run a second time */
};

/* For parameter lists. */
static inline struct cb_sql_value cb_sql_bytes(struct cb_str s)
{
    return (struct cb_sql_value){ .bytes = s };
}

static inline struct cb_sql_value cb_sql_number(int64_t n)
{
    return (struct cb_sql_value){ .number = n };
}

/* One statement in a transaction of its own. params has as many members as statements.def says. each_row and
 * out_rows may be NULL; once each_row has seen a row there is no retry. */
CB_MUST cb_store_run(struct cb_store *s, enum cb_statement_id id, const struct cb_sql_value *params,
                     cb_row_fn each_row, void *ctx, uint64_t *out_rows, struct cb_err *err);

/* The same for a statement that must find or change one row, which its first parameter names; CB_E_NOT_FOUND
 * with these words otherwise. */
CB_MUST cb_store_run_on(struct cb_store *s, enum cb_statement_id id, const struct cb_sql_value *params,
                        cb_row_fn each_row, void *ctx, const char *not_found, struct cb_err *err);

/* A piece of work; it may run several times, so it starts from nothing each time. */
typedef cb_status (*cb_tx_fn)(struct cb_tx *tx, void *ctx, struct cb_err *err);

/* Runs it again, at most five times and a little later each time, while it fails with CB_E_STORE_RETRY. */
CB_MUST cb_store_retry(struct cb_store *s, cb_tx_fn attempt, void *ctx, struct cb_err *err);

/* Runs body between begin and commit; its failure rolls back. */
CB_MUST cb_store_in_tx(struct cb_store *s, enum cb_tx_kind kind, cb_tx_fn body, void *ctx,
                       struct cb_err *err);

/* For bodies. */
CB_MUST cb_tx_run(struct cb_tx *tx, enum cb_statement_id id, const struct cb_sql_value *params,
                  cb_row_fn each_row, void *ctx, uint64_t *out_rows, struct cb_err *err);
CB_MUST cb_tx_script(struct cb_tx *tx, const char *sql, struct cb_err *err);

/* A row function for statements with one number in one row; ctx is an int64_t. */
cb_status cb_row_number(void *ctx, const struct cb_sql_value *row, struct cb_err *err);

extern const struct cb_statement cb_statements[CB_STATEMENT__MAX];

#endif
