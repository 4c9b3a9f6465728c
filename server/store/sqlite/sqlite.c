/* SQLite behind store.h: one file, one writer at a time. */
#include "store/sqlite/sqlite.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What SQLite reads as something other than a path. */
static bool is_special(const char *path)
{
    const struct cb_str s = cb_str_of(path);
    return s.n == 0 || path[0] == ':' || cb_str_starts(s, CB_STR("file:"));
}

static cb_status check_folder(const char *path, struct cb_err *err)
{
    const char *slash = strrchr(path, '/');
    const size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    char folder[PATH_MAX] = ".";
    struct stat st = { 0 };
    if (slash != NULL) {
        memcpy(folder, path, n);
        memcpy(folder + n, "/", sizeof "/"); /* "/" itself has no other name */
    }
    CB_ENSURE(stat(folder, &st) == 0 && S_ISDIR(st.st_mode), CB_E_FILE,
              "store: the folder of %.128s does not exist", path);
    return CB_OK;
}

static cb_status sqlite_open(const char *where, struct cb_db **out, struct cb_err *err)
{
    const size_t n = strlen(where);
    CB_ENSURE(!is_special(where) && n < PATH_MAX, CB_E_CONFIG, "store: sqlite:PATH needs the path of a file");
    CB_TRY(check_folder(where, err));
    struct cb_db *db = calloc(1, sizeof *db + n + 1);
    CB_ENSURE(db != NULL, CB_E_MEMORY, "store");
    memcpy(db->path, where, n + 1);
    *out = db;
    return CB_OK;
}

static void sqlite_close(struct cb_db *db)
{
    if (db != NULL) {
        cb_sqlite_disconnect(db);
        free(db);
    }
}

static cb_status execute(struct cb_db *db, const char *sql, const char *what, struct cb_err *err)
{
    const int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CB_OK : cb_sqlite_failed(db, rc, what, err);
}

/* Whoever will write says so at the start: there is then no snapshot to outgrow and no lock to upgrade. One
 * writer at a time also makes a migration alone of its kind. */
static cb_status sqlite_begin(struct cb_db *db, enum cb_tx_kind kind, struct cb_err *err)
{
    CB_TRY(cb_sqlite_connect(db, err));
    CB_TRY(execute(db, kind == CB_TX_READ ? "BEGIN" : "BEGIN IMMEDIATE", "begin", err));
    db->in_tx = true;
    return CB_OK;
}

static cb_status sqlite_commit(struct cb_db *db, struct cb_err *err)
{
    CB_TRY(cb_sqlite_connect(db, err));
    CB_TRY(execute(db, "COMMIT", "commit", err));
    db->in_tx = false;
    return CB_OK;
}

static void sqlite_rollback(struct cb_db *db)
{
    db->in_tx = false;
    if (db->handle != NULL && sqlite3_get_autocommit(db->handle) == 0 &&
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK) {
        cb_sqlite_disconnect(db);
    }
}

static cb_status sqlite_script(struct cb_db *db, const char *sql, struct cb_err *err)
{
    return execute(db, sql, "migration", err);
}

const struct cb_store_ops cb_store_sqlite = {
    .name = "sqlite",
    .migrations = cb_sql_sqlite_migrations,
    .queries = cb_sql_sqlite_queries,
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .run = cb_sqlite_run,
    .script = sqlite_script,
    .wait_change = cb_sqlite_wait_change,
};
