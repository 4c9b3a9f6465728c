/* The SQLite backend's own: one handle on the file. */
#ifndef CB_SQLITE_H
#define CB_SQLITE_H

#include <sqlite3.h>

#include "store/store_ops.h"

enum { CB_SQLITE_BUSY_MS = 1000, CB_SQLITE_LOOK_MS = 100 };

struct cb_db {
    sqlite3 *handle;   /* NULL: not connected */
    bool may_not_make; /* the file was there once: if it is gone it is away, not new */
    bool in_tx;
    unsigned connects;
    sqlite3_stmt *prepared[CB_STATEMENT__MAX];
    sqlite3_stmt *data_version;
    char path[];
};

/* Opens the file if it is not open, or if another file has taken its place. */
CB_MUST cb_sqlite_connect(struct cb_db *db, struct cb_err *err);
void cb_sqlite_disconnect(struct cb_db *db);

/* Translates a result code; gives the connection up where it is of no more use. */
CB_MUST cb_sqlite_failed(struct cb_db *db, int rc, const char *what, struct cb_err *err);

CB_MUST cb_sqlite_run(struct cb_db *db, const struct cb_statement_call *call, uint64_t *out_rows,
                      struct cb_err *err);
CB_MUST cb_sqlite_wait_change(struct cb_db *db, const struct cb_statement *generation, int64_t known,
                              int timeout_ms, int wake_fd, bool *out_changed, struct cb_err *err);

#endif
