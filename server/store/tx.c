#include "store/tx.h"

#include <time.h>

#include "base/limits.h"
#include "base/random.h"
#include "store/record.h"

enum { RETRIES_MAX = 5, FIRST_PAUSE_MS = 4 };

const struct cb_statement cb_statements[CB_STATEMENT__MAX] = {
#define CB_STATEMENT(name, file, params) [CB_STATEMENT_##name] = { CB_STATEMENT_##name, file, params },
#include "store/statements.def"
#undef CB_STATEMENT
};

#define CB_STATEMENT(name, file, params)                                                                     \
    _Static_assert(sizeof(params) - 1 <= CB_STATEMENT_PARAMS_MAX, "too many parameters");
#include "store/statements.def"
#undef CB_STATEMENT

/* Twice as long each time, and up to twice that by chance, so that those who met once do not meet again. */
static void pause_before(unsigned retry)
{
    const long base_ms = FIRST_PAUSE_MS * (1L << retry);
    unsigned char chance = 0;
    if (CB_FAILED(cb_random(&chance, sizeof chance, NULL))) {
        chance = UINT8_MAX;
    }
    const struct timespec pause = { .tv_nsec = (base_ms + base_ms * chance / UINT8_MAX) * 1000000 };
    (void)nanosleep(&pause, NULL);
}

cb_status cb_store_retry(struct cb_store *s, cb_tx_fn attempt, void *ctx, struct cb_err *err)
{
    struct cb_err why = { 0 };
    for (unsigned retry = 0;; retry++) {
        struct cb_tx tx = { .store = s };
        cb_err_clear(&why);
        if (!CB_FAILED(attempt(&tx, ctx, &why))) {
            return CB_OK;
        }
        if (why.code != CB_E_STORE_RETRY || tx.once || retry == RETRIES_MAX) {
            break;
        }
        pause_before(retry);
    }
    if (err != NULL && err->code == CB_E_NONE) {
        *err = why;
    }
    return CB_FAIL;
}

static void unlock(pthread_mutex_t **m)
{
    (void)pthread_mutex_unlock(*m);
}

/* Until the end of the scope. */
#define HOLD(s)                                                                                              \
    CB_AUTO(unlock) pthread_mutex_t *held = &(s)->lock;                                                      \
    (void)pthread_mutex_lock(held)

/* --- one statement --- */

struct single {
    struct cb_tx *tx;
    const struct cb_statement_call *call;
    uint64_t rows;
};

/* What was handed out is not handed out again. */
static cb_status hand_out(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct single *one = ctx;
    one->tx->once = true;
    return one->call->each_row(one->call->ctx, row, err);
}

static cb_status single_attempt(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    struct single *one = ctx;
    struct cb_store *s = tx->store;
    const struct cb_statement_call call = { one->call->what, one->call->params,
                                            one->call->each_row == NULL ? NULL : hand_out, one };
    one->tx = tx;
    HOLD(s);
    s->statements++;
    return s->ops->run(s->db, &call, &one->rows, err);
}

cb_status cb_store_run(struct cb_store *s, enum cb_statement_id id, const struct cb_sql_value *params,
                       cb_row_fn each_row, void *ctx, uint64_t *out_rows, struct cb_err *err)
{
    const struct cb_statement_call call = { &cb_statements[id], params, each_row, ctx };
    struct single one = { .call = &call };
    CB_TRY(cb_store_retry(s, single_attempt, &one, err));
    if (out_rows != NULL) {
        *out_rows = one.rows;
    }
    return CB_OK;
}

/* What could not be kept is not there, and a database need not be asked with it. */
static bool can_name(enum cb_statement_id id, struct cb_str s)
{
    return cb_statements[id].params[0] == 'b' ? s.n == CB_STORE_DIGEST : cb_name_storable(s, CB_LIMIT_NAME);
}

cb_status cb_store_run_on(struct cb_store *s, enum cb_statement_id id, const struct cb_sql_value *params,
                          cb_row_fn each_row, void *ctx, const char *not_found, struct cb_err *err)
{
    uint64_t rows = 0;
    CB_ENSURE(can_name(id, params[0].bytes), CB_E_NOT_FOUND, "%s", not_found);
    CB_TRY(cb_store_run(s, id, params, each_row, ctx, &rows, err));
    CB_ENSURE(rows == 1, CB_E_NOT_FOUND, "%s", not_found);
    return CB_OK;
}

/* --- a transaction --- */

struct transaction {
    enum cb_tx_kind kind;
    cb_tx_fn body;
    void *ctx;
};

static cb_status tx_attempt(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    const struct transaction *t = ctx;
    struct cb_store *s = tx->store;
    HOLD(s);
    s->statements += 2; /* begin and commit */
    if (CB_FAILED(s->ops->begin(s->db, t->kind, err)) || CB_FAILED(t->body(tx, t->ctx, err)) ||
        CB_FAILED(s->ops->commit(s->db, err))) {
        s->ops->rollback(s->db);
        return CB_FAIL;
    }
    return CB_OK;
}

cb_status cb_store_in_tx(struct cb_store *s, enum cb_tx_kind kind, cb_tx_fn body, void *ctx,
                         struct cb_err *err)
{
    struct transaction t = { kind, body, ctx };
    return cb_store_retry(s, tx_attempt, &t, err);
}

cb_status cb_tx_run(struct cb_tx *tx, enum cb_statement_id id, const struct cb_sql_value *params,
                    cb_row_fn each_row, void *ctx, uint64_t *out_rows, struct cb_err *err)
{
    const struct cb_statement_call call = { &cb_statements[id], params, each_row, ctx };
    uint64_t rows = 0;
    tx->store->statements++;
    CB_TRY(tx->store->ops->run(tx->store->db, &call, &rows, err));
    if (out_rows != NULL) {
        *out_rows = rows;
    }
    return CB_OK;
}

cb_status cb_tx_script(struct cb_tx *tx, const char *sql, struct cb_err *err)
{
    tx->store->statements++;
    return tx->store->ops->script(tx->store->db, sql, err);
}

cb_status cb_row_number(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    (void)err;
    *(int64_t *)ctx = row[0].number;
    return CB_OK;
}
