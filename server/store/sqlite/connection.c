/* A handle on the file: made, opened, set up, given up. */
#include <errno.h>
#include <sys/stat.h>

#include "store/sqlite/sqlite.h"

static const char set_up[] = "PRAGMA journal_mode = WAL;"
                             "PRAGMA synchronous = FULL;"
                             "PRAGMA foreign_keys = ON;"
                             "PRAGMA trusted_schema = OFF;";

/* The file holds who may do what: for its owner only. SQLite gives its companions the same mode. mknod makes
 * it without opening it: closing would drop the locks that other handles of this process hold. */
static cb_status make_file(struct cb_db *db, struct cb_err *err)
{
    if (db->may_not_make) {
        return CB_OK;
    }
    const int made = mknod(db->path, S_IFREG | 0600, 0);
    CB_ENSURE(made == 0 || errno == EEXIST, CB_E_STORE_UNAVAILABLE, "sqlite: cannot make %.128s: %s",
              db->path, strerrordesc_np(errno));
    db->may_not_make = true;
    return CB_OK;
}

static bool is_another_file(struct cb_db *db)
{
    int moved = 0;
    return sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

cb_status cb_sqlite_connect(struct cb_db *db, struct cb_err *err)
{
    CB_ENSURE(db->handle != NULL || !db->in_tx, CB_E_STORE_UNAVAILABLE, "sqlite: the transaction was lost");
    if (db->handle != NULL && !db->in_tx && is_another_file(db)) {
        cb_sqlite_disconnect(db);
    }
    if (db->handle != NULL) {
        return CB_OK;
    }
    CB_TRY(make_file(db, err));
    int rc = sqlite3_open_v2(db->path, &db->handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc == SQLITE_OK) {
        (void)sqlite3_busy_timeout(db->handle, CB_SQLITE_BUSY_MS);
        rc = sqlite3_exec(db->handle, set_up, NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        const cb_status failed = cb_sqlite_failed(db, rc, "open", err);
        cb_sqlite_disconnect(db);
        return failed;
    }
    db->connects++;
    return CB_OK;
}

void cb_sqlite_disconnect(struct cb_db *db)
{
    for (size_t i = 0; i < CB_STATEMENT__MAX; i++) {
        (void)sqlite3_finalize(CB_TAKE(db->prepared[i]));
    }
    (void)sqlite3_finalize(CB_TAKE(db->data_version));
    (void)sqlite3_close_v2(CB_TAKE(db->handle));
}
