/* A connection: made with bounds on every wait, checked before use, given up. */
#include <poll.h>

#include "store/postgresql/postgresql.h"

struct setting {
    const char *keyword, *value;
};

/* What the connection string may say otherwise. The primary is looked for among several hosts; a host that is
 * dead without a word is noticed. */
static const struct setting defaults[] = {
    { "fallback_application_name", "certbound" },
    { "target_session_attrs", "read-write" },
    { "connect_timeout", "5" },
    { "keepalives_idle", "10" },
    { "keepalives_interval", "5" },
    { "keepalives_count", "3" },
    { "tcp_user_timeout", "10000" },
};

enum { SETTINGS_MAX = 80 };

static const char session[] = "SET lock_timeout = 1000";

/* The last of one keyword holds. */
static PGconn *connect_to(const PQconninfoOption *options)
{
    const char *keywords[SETTINGS_MAX + 1] = { NULL };
    const char *values[SETTINGS_MAX + 1] = { NULL };
    size_t n = 0;
    for (size_t i = 0; i < CB_COUNT(defaults); i++) {
        keywords[n] = defaults[i].keyword;
        values[n++] = defaults[i].value;
    }
    for (const PQconninfoOption *o = options; o->keyword != NULL && n < SETTINGS_MAX - 1; o++) {
        if (o->val != NULL) {
            keywords[n] = o->keyword;
            values[n++] = o->val;
        }
    }
    keywords[n] = "client_encoding";
    values[n] = "UTF8";
    return PQconnectdbParams(keywords, values, 0);
}

static void ignore(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

/* Has the other side hung up since the last call? Better asked now than after the statement was sent, when
 * nobody knows whether it ran. */
static bool has_ended(PGconn *conn)
{
    struct pollfd fd = { .fd = PQsocket(conn), .events = POLLIN };
    while (PQstatus(conn) == CONNECTION_OK && poll(&fd, 1, 0) > 0) {
        if (PQconsumeInput(conn) == 0) {
            return true;
        }
    }
    return PQstatus(conn) != CONNECTION_OK;
}

cb_status cb_pg_connect(struct cb_db *db, struct cb_err *err)
{
    CB_ENSURE(db->conn != NULL || !db->in_tx, CB_E_STORE_UNAVAILABLE, "postgresql: the transaction was lost");
    if (db->conn != NULL && !db->in_tx && has_ended(db->conn)) {
        cb_pg_disconnect(db);
    }
    if (db->conn != NULL) {
        return CB_OK;
    }
    db->conn = connect_to(db->options);
    if (PQstatus(db->conn) != CONNECTION_OK || PQsetnonblocking(db->conn, 1) != 0) {
        const cb_status failed = cb_pg_not_connected(db->conn, err);
        cb_pg_disconnect(db);
        return failed;
    }
    (void)PQsetNoticeReceiver(db->conn, ignore, NULL);
    const cb_status set_up = cb_pg_execute(db, session, "session", err);
    if (CB_FAILED(set_up)) {
        cb_pg_disconnect(db);
    }
    return set_up;
}

void cb_pg_disconnect(struct cb_db *db)
{
    PQfinish(CB_TAKE(db->conn));
    db->listening = false;
    memset(db->prepared, 0, sizeof db->prepared);
}
