/* What a database must do to stand behind store.h. The verbs are written once, over this table (client.c,
 * key.c, registry.c, migrate.c), so that their promises cannot differ between databases: a backend connects,
 * translates values and errors, and waits for change. Whoever adds a database fills one table. */
#ifndef CB_STORE_OPS_H
#define CB_STORE_OPS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/sql.h"

enum cb_statement_id {
#define CB_STATEMENT(name, file, params) CB_STATEMENT_##name,
#include "store/statements.def"
#undef CB_STATEMENT
    CB_STATEMENT__MAX
};

enum {
    CB_STATEMENT_PARAMS_MAX = 26,
    CB_STATEMENT_COLUMNS_MAX = 26,
};

struct cb_statement {
    enum cb_statement_id id;
    const char *name;   /* of the file in sql/DIALECT/queries */
    const char *params; /* one type letter each, see statements.def */
};

/* A parameter or a column; which half counts follows from its type. NULL is read as empty bytes or 0. */
struct cb_sql_value {
    struct cb_str bytes;
    int64_t number;
};

/* The row is valid during the call. A failure ends the reading and is passed on. */
typedef cb_status (*cb_row_fn)(void *ctx, const struct cb_sql_value *row, struct cb_err *err);

struct cb_statement_call {
    const struct cb_statement *what;
    const struct cb_sql_value *params; /* as many as `what` says */
    cb_row_fn each_row;                /* NULL: the rows do not matter */
    void *ctx;
};

enum cb_tx_kind {
    CB_TX_READ,    /* sees one state of the database from its first statement to its end */
    CB_TX_WRITE,   /* read committed or better */
    CB_TX_MIGRATE, /* alone of its kind in the whole database; waits for the others as long as it takes */
};

/* One connection. Used by one thread at a time. */
struct cb_db;

/* Errors: CB_E_STORE_UNAVAILABLE the database is away, or went away and the outcome is unknown;
 * CB_E_STORE_RETRY nothing was changed and the same may succeed at once; CB_E_EXISTS a unique constraint
 * refused, the detail says which; CB_E_STORE_SCHEMA a table or column is missing; CB_E_STORE anything else.
 * No detail holds a value of a row or a part of the connection string. Every member is set. */
struct cb_store_ops {
    const char *name;
    const struct cb_sql_file *migrations;
    const struct cb_sql_file *queries;

    /* Checks `where` (what stands behind "sqlite:", or the whole URI) without connecting. The functions below
     * connect by themselves when there is no connection, except inside a transaction. */
    cb_status (*open)(const char *where, struct cb_db **out, struct cb_err *err);
    void (*close)(struct cb_db *db);

    cb_status (*begin)(struct cb_db *db, enum cb_tx_kind kind, struct cb_err *err);
    cb_status (*commit)(struct cb_db *db, struct cb_err *err);
    void (*rollback)(
        struct cb_db *db); /* also after a begin that failed; gives a connection up that cannot */

    /* Runs one statement, in the open transaction or in one of its own. *out_rows: rows read, or changed by
     * the statement itself, its triggers not counted. */
    cb_status (*run)(struct cb_db *db, const struct cb_statement_call *call, uint64_t *out_rows,
                     struct cb_err *err);

    /* Runs a whole migration file inside the open transaction. */
    cb_status (*script)(struct cb_db *db, const char *sql, struct cb_err *err);

    /* cb_store_wait_change on a connection of its own; ends early when wake_fd becomes readable. */
    cb_status (*wait_change)(struct cb_db *db, const struct cb_statement *generation, int64_t known,
                             int timeout_ms, int wake_fd, bool *out_changed, struct cb_err *err);
};

extern const struct cb_store_ops cb_store_sqlite, cb_store_postgresql;

/* The text of a statement in a dialect; NULL when there is no such file. */
static inline const char *cb_sql_text(const struct cb_sql_file *files, const char *name)
{
    while (files->name != NULL && strcmp(files->name, name) != 0) {
        files++;
    }
    return files->sql;
}

#endif
