/* PostgreSQL behind store.h: as many nodes as there are, on one database. */
#include "store/postgresql/postgresql.h"

#include <stdlib.h>

#include "base/ct.h"

/* libpq marks what is not to be shown. */
static void forget(PQconninfoOption *options)
{
    for (PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (o->val != NULL && strcmp(o->dispchar, "*") == 0) {
            cb_wipe(o->val, strlen(o->val));
        }
    }
    PQconninfoFree(options);
}

/* libpq's own complaint would quote the string, and the password in it. */
static cb_status postgresql_open(const char *where, struct cb_db **out, struct cb_err *err)
{
    char *complaint = NULL;
    PQconninfoOption *options = PQconninfoParse(where, &complaint);
    PQfreemem(complaint);
    CB_ENSURE(options != NULL, CB_E_CONFIG, "store: not a connection string that libpq understands");
    struct cb_db *db = calloc(1, sizeof *db);
    if (db == NULL) {
        forget(options);
        CB_REFUSE(CB_E_MEMORY, "store");
    }
    db->options = options;
    *out = db;
    return CB_OK;
}

static void postgresql_close(struct cb_db *db)
{
    if (db != NULL) {
        cb_pg_disconnect(db);
        forget(db->options);
        free(db);
    }
}

/* The lock is the database's, so that programs of several schemas wait for each other too; that is seldom.
 * Under read committed each later statement sees what the one we waited for has done. */
static const char *const begin[] = {
    [CB_TX_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [CB_TX_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    [CB_TX_MIGRATE] = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = 0;"
                       " SELECT pg_advisory_xact_lock(7165916043370130292)"),
};

static cb_status postgresql_begin(struct cb_db *db, enum cb_tx_kind kind, struct cb_err *err)
{
    CB_TRY(cb_pg_connect(db, err));
    db->in_tx = true;
    db->patient = kind == CB_TX_MIGRATE;
    return cb_pg_execute(db, begin[kind], "begin", err);
}

static void end(struct cb_db *db)
{
    db->in_tx = false;
    db->patient = false;
}

/* A COMMIT of a transaction that had failed succeeds, as a ROLLBACK. A connection that is lost here leaves
 * the outcome unknown: that is a failure, and the caller looks again. */
static cb_status postgresql_commit(struct cb_db *db, struct cb_err *err)
{
    struct cb_pg_answer answer = { 0 };
    CB_TRY(cb_pg_connect(db, err));
    CB_TRY(cb_pg_answer(db, PQsendQuery(db->conn, "COMMIT"), "commit", NULL, &answer, err));
    end(db);
    CB_ENSURE(strcmp(answer.tag, "COMMIT") == 0, CB_E_STORE,
              "postgresql: commit: the transaction had failed");
    return CB_OK;
}

static void postgresql_rollback(struct cb_db *db)
{
    end(db);
    if (db->conn != NULL && PQtransactionStatus(db->conn) != PQTRANS_IDLE &&
        CB_FAILED(cb_pg_execute(db, "ROLLBACK", "rollback", NULL))) {
        cb_pg_disconnect(db);
    }
}

static cb_status postgresql_script(struct cb_db *db, const char *sql, struct cb_err *err)
{
    CB_TRY(cb_pg_connect(db, err));
    return cb_pg_execute(db, sql, "migration", err);
}

const struct cb_store_ops cb_store_postgresql = {
    .name = "postgresql",
    .migrations = cb_sql_postgresql_migrations,
    .queries = cb_sql_postgresql_queries,
    .open = postgresql_open,
    .close = postgresql_close,
    .begin = postgresql_begin,
    .commit = postgresql_commit,
    .rollback = postgresql_rollback,
    .run = cb_pg_run,
    .script = postgresql_script,
    .wait_change = cb_pg_wait_change,
};
