#include "base/str.h"
#include "store/postgresql/postgresql.h"
#include "store/unique.h"

/* By SQLSTATE: the whole of it, or the two characters of its class. */
static const struct {
    struct cb_str state;
    enum cb_code code;
    bool lost; /* another connection may do better */
} meanings[] = {
    { { "40001", 5 }, CB_E_STORE_RETRY, false },      /* serialization failure */
    { { "40P01", 5 }, CB_E_STORE_RETRY, false },      /* deadlock */
    { { "55P03", 5 }, CB_E_STORE_RETRY, false },      /* a lock not to be had in time */
    { { "57014", 5 }, CB_E_STORE_RETRY, false },      /* cancelled, by a timeout of the server */
    { { "42P01", 5 }, CB_E_STORE_SCHEMA, false },     /* no such table */
    { { "42703", 5 }, CB_E_STORE_SCHEMA, false },     /* no such column */
    { { "3F000", 5 }, CB_E_STORE_SCHEMA, false },     /* no such schema */
    { { "25006", 5 }, CB_E_STORE_UNAVAILABLE, true }, /* read-only: no longer the primary */
    { { "08", 2 }, CB_E_STORE_UNAVAILABLE, true },    /* connection */
    { { "53", 2 }, CB_E_STORE_UNAVAILABLE, false },   /* no resources: disk, memory, connections */
    { { "57P", 3 }, CB_E_STORE_UNAVAILABLE, true },   /* shut down, crashed, not up yet */
};

/* The server's own text may quote a row; its codes and the names in our schema do not. */
cb_status cb_pg_refused(struct cb_db *db, const PGresult *result, const char *what, struct cb_err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    if (state == NULL || PQstatus(db->conn) == CONNECTION_BAD) {
        return cb_pg_lost(db, what, err);
    }
    if (constraint != NULL && cb_str_is(cb_str_of(state), "23505")) {
        return cb_unique_refused(constraint, err);
    }
    for (size_t i = 0; i < CB_COUNT(meanings); i++) {
        if (cb_str_starts(cb_str_of(state), meanings[i].state)) {
            cb_err_set(err, meanings[i].code, __FILE__, __LINE__, "postgresql: %s: SQLSTATE %.5s", what,
                       state);
            if (meanings[i].lost) {
                cb_pg_disconnect(db);
            }
            return CB_FAIL;
        }
    }
    CB_REFUSE(CB_E_STORE, "postgresql: %s: SQLSTATE %.5s %.64s", what, state,
              constraint == NULL ? "" : constraint);
}

cb_status cb_pg_lost(struct cb_db *db, const char *what, struct cb_err *err)
{
    cb_pg_disconnect(db);
    CB_REFUSE(CB_E_STORE_UNAVAILABLE, "postgresql: %s: the connection was lost", what);
}

/* libpq's text names the host, the user and whatever else a mistyped password turned into. */
cb_status cb_pg_not_connected(const PGconn *conn, struct cb_err *err)
{
    static const char *const reasons[] = {
        "password authentication failed",
        "no password supplied",
        "no pg_hba.conf entry",
        "Connection refused",
        "No such file or directory",
        "No route to host",
        "Network is unreachable",
        "timeout expired",
        "could not translate host name",
        "invalid integer value",
        "invalid port number",
        "definition of service",
        "certificate verify failed",
        "server does not support SSL",
        "server closed the connection unexpectedly",
        "starting up",
        "shutting down",
        "too many clients",
        "session is read-only",
        "server is in hot standby mode",
        "does not exist",
    };
    const char *text = conn == NULL ? "" : PQerrorMessage(conn);
    for (size_t i = 0; i < CB_COUNT(reasons); i++) {
        CB_ENSURE(strstr(text, reasons[i]) == NULL, CB_E_STORE_UNAVAILABLE, "postgresql: no connection: %s",
                  reasons[i]);
    }
    CB_REFUSE(CB_E_STORE_UNAVAILABLE, "postgresql: no connection");
}
