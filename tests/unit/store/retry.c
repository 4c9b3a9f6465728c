/* How often the same is tried: over a database that does what the test says. */
#include <criterion/criterion.h>

#include "store/tx.h"

static int begins, runs, commits, rollbacks;
static int failing; /* so many calls fail */
static enum cb_code failing_with;
static int *failing_at; /* of the counters above */

static cb_status step(int *counter, struct cb_err *err)
{
    ++*counter;
    if (counter == failing_at && failing-- > 0) {
        CB_REFUSE(failing_with, "as told");
    }
    return CB_OK;
}

static cb_status begin(struct cb_db *db, enum cb_tx_kind kind, struct cb_err *err)
{
    (void)db;
    (void)kind;
    return step(&begins, err);
}

static cb_status commit(struct cb_db *db, struct cb_err *err)
{
    (void)db;
    return step(&commits, err);
}

static void rollback(struct cb_db *db)
{
    (void)db;
    rollbacks++;
}

static cb_status run(struct cb_db *db, const struct cb_statement_call *call, uint64_t *out_rows,
                     struct cb_err *err)
{
    (void)db;
    *out_rows = 1;
    const struct cb_sql_value row[CB_STATEMENT_COLUMNS_MAX] = { { .number = 42 } };
    CB_TRY(call->each_row != NULL ? call->each_row(call->ctx, row, err) : CB_OK);
    return step(&runs, err);
}

static const struct cb_store_ops ops = { .begin = begin, .commit = commit, .rollback = rollback, .run = run };
static struct cb_store store = { .ops = &ops, .lock = PTHREAD_MUTEX_INITIALIZER };
static struct cb_err err;

static void fail(int *at, int times, enum cb_code code)
{
    failing_at = at;
    failing = times;
    failing_with = code;
}

static cb_status disable(struct cb_err *e)
{
    return cb_store_client_set_enabled(&store, CB_STR("a"), false, 1, e);
}

static cb_status lock(struct cb_tx *tx, void *ctx, struct cb_err *e)
{
    (void)ctx;
    return cb_tx_run(tx, CB_STATEMENT_REGISTRY_LOCK, NULL, NULL, NULL, NULL, e);
}

static enum cb_code transaction(void)
{
    cb_err_clear(&err);
    (void)cb_store_in_tx(&store, CB_TX_WRITE, lock, NULL, &err).v_;
    return err.code;
}

Test(retry, a_statement_is_tried_six_times_at_most)
{
    fail(&runs, 5, CB_E_STORE_RETRY);
    cr_expect_not(CB_FAILED(disable(&err)));
    cr_expect_eq(err.code, CB_E_NONE, "nothing is left of the failures before");
    cr_expect_eq(runs, 6);

    runs = 0;
    fail(&runs, 6, CB_E_STORE_RETRY);
    cr_expect(CB_FAILED(disable(&err)));
    cr_expect_eq(err.code, CB_E_STORE_RETRY);
    cr_expect_str_eq(err.detail, "as told");
    cr_expect_eq(runs, 6);
    cr_expect_eq(cb_store_statement_count(&store), 12, "each was sent");
}

Test(retry, no_other_failure_is_tried_again)
{
    for (int code = CB_E_NONE + 1; code < CB_E__MAX; code++) {
        if (code != CB_E_STORE_RETRY) {
            runs = 0;
            cb_err_clear(&err);
            fail(&runs, 1, (enum cb_code)code);
            cr_expect(CB_FAILED(disable(&err)));
            cr_expect_eq(runs, 1, "%s", cb_code_reason(code));
            cr_expect_eq((int)err.code, code);
        }
    }
}

Test(retry, a_transaction_starts_over_as_a_whole)
{
    int *const at[] = { &begins, &runs, &commits };
    for (size_t i = 0; i < CB_COUNT(at); i++) {
        begins = runs = commits = rollbacks = 0;
        fail(at[i], 2, CB_E_STORE_RETRY);
        cr_expect_eq(transaction(), CB_E_NONE);
        cr_expect_eq(begins, 3);
        cr_expect_eq(commits, at[i] == &commits ? 3 : 1);
        cr_expect_eq(rollbacks, 2);
    }
}

Test(retry, an_unknown_outcome_of_a_commit_is_passed_on)
{
    fail(&commits, 1, CB_E_STORE_UNAVAILABLE);
    cr_expect_eq(transaction(), CB_E_STORE_UNAVAILABLE);
    cr_expect_eq(commits, 1);
}

static cb_status count_key(void *ctx, const struct cb_key_record *k, struct cb_err *e)
{
    (void)k;
    (void)e;
    ++*(int *)ctx;
    return CB_OK;
}

Test(retry, but_not_after_rows_were_handed_out)
{
    int keys = 0;
    int64_t generation = -7;
    fail(&commits, 1, CB_E_STORE_RETRY);
    cr_expect(CB_FAILED(cb_store_read_registry(
        &store, &(struct cb_registry_reader){ .key = count_key, .ctx = &keys }, &generation, &err)));
    cr_expect_eq(err.code, CB_E_STORE_RETRY);
    cr_expect_eq(keys, 1);
    cr_expect_eq(generation, -7);

    fail(&commits, 1, CB_E_STORE_RETRY);
    cr_expect_not(
        CB_FAILED(cb_store_read_registry(&store, &(struct cb_registry_reader){ 0 }, &generation, &err)));
    cr_expect_eq(generation, 42);
}
