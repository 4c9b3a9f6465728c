/* Has anybody changed the registry? Who changes it notifies; whatever arrives, or nothing for a while, is a
 * reason to look at the generation, which alone decides. */
#include "base/clock.h"
#include "store/postgresql/postgresql.h"
#include "store/tx.h"
#include "store/wake.h"

static bool take_notices(PGconn *conn)
{
    bool any = false;
    for (PGnotify *n = PQnotifies(conn); n != NULL; n = PQnotifies(conn)) {
        PQfreemem(n);
        any = true;
    }
    return any;
}

/* Listens before it looks, so that no change falls in between. */
static cb_status look(struct cb_db *db, const struct cb_statement *statement, int64_t known,
                      bool *out_changed, struct cb_err *err)
{
    int64_t generation = 0;
    uint64_t rows = 0;
    const struct cb_statement_call call = { statement, NULL, cb_row_number, &generation };
    CB_TRY(cb_pg_connect(db, err));
    if (!db->listening) {
        CB_TRY(cb_pg_execute(db, "LISTEN certbound_registry", "listen", err));
        db->listening = true;
    }
    do {
        (void)take_notices(db->conn);
        CB_TRY(cb_pg_run(db, &call, &rows, err));
    } while (take_notices(db->conn)); /* one came while we looked: perhaps of what we did not see yet */
    *out_changed = generation != known;
    return CB_OK;
}

cb_status cb_pg_wait_change(struct cb_db *db, const struct cb_statement *generation, int64_t known,
                            int timeout_ms, int wake_fd, bool *out_changed, struct cb_err *err)
{
    const int64_t until = cb_clock_monotonic_ms() + timeout_ms;
    *out_changed = false;
    for (;;) {
        CB_TRY(look(db, generation, known, out_changed, err));
        const int64_t left = until - cb_clock_monotonic_ms();
        const int pause = left < CB_PG_LOOK_MS ? (int)left : CB_PG_LOOK_MS;
        if (*out_changed || left <= 0 || cb_wake_wait(wake_fd, PQsocket(db->conn), pause)) {
            return CB_OK;
        }
    }
}
