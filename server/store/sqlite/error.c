#include "base/str.h"
#include "store/sqlite/sqlite.h"
#include "store/unique.h"

/* The extended code where it matters, else the primary one. */
static const struct {
    int rc;
    enum cb_code code;
    bool lost; /* the handle will not recover */
} meanings[] = {
    { SQLITE_BUSY, CB_E_STORE_RETRY, false },
    { SQLITE_LOCKED, CB_E_STORE_RETRY, false },
    { SQLITE_SCHEMA, CB_E_STORE_RETRY, false },
    { SQLITE_READONLY_DBMOVED, CB_E_STORE_UNAVAILABLE, true },
    { SQLITE_CANTOPEN, CB_E_STORE_UNAVAILABLE, true },
    { SQLITE_IOERR, CB_E_STORE_UNAVAILABLE, true },
    { SQLITE_FULL, CB_E_STORE_UNAVAILABLE, false },
    { SQLITE_NOTADB, CB_E_STORE, true },
    { SQLITE_CORRUPT, CB_E_STORE, true },
    { SQLITE_NOMEM, CB_E_MEMORY, false },
};

cb_status cb_sqlite_failed(struct cb_db *db, int rc, const char *what, struct cb_err *err)
{
    const char *text = db->handle == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(db->handle);
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return cb_unique_refused(text, err);
    }
    for (size_t i = 0; i < CB_COUNT(meanings); i++) {
        if (meanings[i].rc == rc || meanings[i].rc == (rc & 0xff)) {
            cb_err_set(err, meanings[i].code, __FILE__, __LINE__, "sqlite: %s: %.128s", what, text);
            if (meanings[i].lost) {
                cb_sqlite_disconnect(db);
            }
            return CB_FAIL;
        }
    }
    CB_REFUSE(CB_E_STORE, "sqlite: %s: %.128s", what, text);
}
