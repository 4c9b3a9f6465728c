/* Has anybody changed the registry? The data version of a handle that never writes moves with every commit of
 * others; only then is the generation worth a query. */
#include "base/clock.h"
#include "store/sqlite/sqlite.h"
#include "store/tx.h"
#include "store/wake.h"

static cb_status read_data_version(struct cb_db *db, int64_t *out, struct cb_err *err)
{
    int rc = SQLITE_OK;
    if (db->data_version == NULL) {
        rc = sqlite3_prepare_v3(db->handle, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT,
                                &db->data_version, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(db->data_version);
    }
    if (rc != SQLITE_ROW) {
        return cb_sqlite_failed(db, rc, "data version", err);
    }
    *out = sqlite3_column_int64(db->data_version, 0);
    (void)sqlite3_reset(db->data_version);
    return CB_OK;
}

struct look {
    const struct cb_statement *generation;
    int64_t known;
    unsigned connect; /* that the version belongs to */
    int64_t version;
};

static cb_status look(struct cb_db *db, struct look *l, bool *out_changed, struct cb_err *err)
{
    int64_t version = 0, generation = 0;
    uint64_t rows = 0;
    CB_TRY(cb_sqlite_connect(db, err));
    CB_TRY(read_data_version(db, &version, err));
    if (l->connect == db->connects && l->version == version) {
        return CB_OK;
    }
    const struct cb_statement_call call = { l->generation, NULL, cb_row_number, &generation };
    CB_TRY(cb_sqlite_run(db, &call, &rows, err));
    *out_changed = generation != l->known;
    l->connect = db->connects;
    l->version = version;
    return CB_OK;
}

cb_status cb_sqlite_wait_change(struct cb_db *db, const struct cb_statement *generation, int64_t known,
                                int timeout_ms, int wake_fd, bool *out_changed, struct cb_err *err)
{
    const int64_t until = cb_clock_monotonic_ms() + timeout_ms;
    struct look l = { .generation = generation, .known = known };
    *out_changed = false;
    db->may_not_make = true; /* who waits has read before */
    for (;;) {
        CB_TRY(look(db, &l, out_changed, err));
        const int64_t left = until - cb_clock_monotonic_ms();
        const int pause = left < CB_SQLITE_LOOK_MS ? (int)left : CB_SQLITE_LOOK_MS;
        if (*out_changed || left <= 0 || cb_wake_wait(wake_fd, -1, pause)) {
            return CB_OK;
        }
    }
}
