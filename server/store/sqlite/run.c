/* One statement: prepared once per handle, bound, stepped. */
#include "store/sqlite/sqlite.h"

/* Our statements are right, so what SQLite finds wrong in one is the schema: when it prepares, or prepares
 * again because others changed the schema. */
static cb_status refused(struct cb_db *db, int rc, const struct cb_statement *what, struct cb_err *err)
{
    CB_ENSURE(rc != SQLITE_ERROR, CB_E_STORE_SCHEMA, "sqlite: %s: %.128s", what->name,
              sqlite3_errmsg(db->handle));
    return cb_sqlite_failed(db, rc, what->name, err);
}

static cb_status prepare(struct cb_db *db, const struct cb_statement *what, sqlite3_stmt **out,
                         struct cb_err *err)
{
    sqlite3_stmt **kept = &db->prepared[what->id];
    if (*kept == NULL) {
        const char *sql = cb_sql_text(cb_sql_sqlite_queries, what->name);
        const int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
        if (rc != SQLITE_OK) {
            return refused(db, rc, what, err);
        }
    }
    *out = *kept;
    return CB_OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, char type, const struct cb_sql_value *v)
{
    switch (type) {
        case 't':
            return sqlite3_bind_text(stmt, at, v->bytes.n == 0 ? "" : v->bytes.p, (int)v->bytes.n,
                                     SQLITE_STATIC);
        case 'b':
            return v->bytes.n == 0 ? sqlite3_bind_null(stmt, at)
                                   : sqlite3_bind_blob(stmt, at, v->bytes.p, (int)v->bytes.n, SQLITE_STATIC);
        default:
            return sqlite3_bind_int64(stmt, at, v->number);
    }
}

static int bind_all(sqlite3_stmt *stmt, const struct cb_statement_call *call)
{
    int rc = SQLITE_OK;
    for (int i = 0; call->what->params[i] != '\0' && rc == SQLITE_OK; i++) {
        rc = bind_one(stmt, i + 1, call->what->params[i], &call->params[i]);
    }
    return rc;
}

static void read_row(sqlite3_stmt *stmt, struct cb_sql_value row[CB_STATEMENT_COLUMNS_MAX])
{
    const int columns = sqlite3_column_count(stmt);
    for (int i = 0; i < columns && i < CB_STATEMENT_COLUMNS_MAX; i++) {
        row[i] = (struct cb_sql_value){ .bytes = CB_STR("") };
        const int type = sqlite3_column_type(stmt, i);
        if (type == SQLITE_INTEGER) {
            row[i].number = sqlite3_column_int64(stmt, i);
        } else if (type != SQLITE_NULL) {
            const char *p = sqlite3_column_blob(stmt, i);
            row[i].bytes = (struct cb_str){ p == NULL ? "" : p, (size_t)sqlite3_column_bytes(stmt, i) };
        }
    }
}

static cb_status step_all(struct cb_db *db, sqlite3_stmt *stmt, const struct cb_statement_call *call,
                          uint64_t *out_rows, struct cb_err *err)
{
    int rc = bind_all(stmt, call);
    uint64_t rows = 0;
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(stmt);
        if (rc == SQLITE_ROW && call->each_row != NULL) {
            struct cb_sql_value row[CB_STATEMENT_COLUMNS_MAX];
            read_row(stmt, row);
            CB_TRY(call->each_row(call->ctx, row, err));
        }
        rows += rc == SQLITE_ROW;
    }
    if (rc != SQLITE_DONE) {
        return refused(db, rc, call->what, err);
    }
    *out_rows = sqlite3_stmt_readonly(stmt) != 0 ? rows : (uint64_t)sqlite3_changes64(db->handle);
    return CB_OK;
}

cb_status cb_sqlite_run(struct cb_db *db, const struct cb_statement_call *call, uint64_t *out_rows,
                        struct cb_err *err)
{
    sqlite3_stmt *stmt = NULL;
    CB_TRY(cb_sqlite_connect(db, err));
    CB_TRY(prepare(db, call->what, &stmt, err));
    const cb_status done = step_all(db, stmt, call, out_rows, err);
    if (db->handle != NULL) { /* else it went with the connection */
        (void)sqlite3_reset(stmt);
        (void)sqlite3_clear_bindings(stmt);
    }
    return done;
}
