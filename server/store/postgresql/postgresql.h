/* The PostgreSQL backend's own: one connection. */
#ifndef CB_POSTGRESQL_H
#define CB_POSTGRESQL_H

#include <libpq-fe.h>

#include "store/store_ops.h"

enum {
    CB_PG_ANSWER_MS = 10000, /* a server that is silent for longer is taken for dead */
    CB_PG_LOOK_MS = 10000,   /* how often a waiting connection looks by itself */
};

struct cb_db {
    PQconninfoOption *options; /* the connection string, parsed; holds the password */
    PGconn *conn;              /* NULL: not connected */
    bool in_tx;
    bool patient; /* waits for an answer as long as it takes */
    bool listening;
    bool prepared[CB_STATEMENT__MAX];
};

/* What a call brought, all its results taken together. */
struct cb_pg_answer {
    uint64_t rows; /* read, or changed */
    char tag[16];  /* of the last command: "COMMIT" */
};

/* Connects if there is no connection, or if the other side has closed it meanwhile. */
CB_MUST cb_pg_connect(struct cb_db *db, struct cb_err *err);
void cb_pg_disconnect(struct cb_db *db);

/* Takes all results of what was sent (1: PQsend... says so) and hands the rows to `call`, which may be NULL.
 */
CB_MUST cb_pg_answer(struct cb_db *db, int sent, const char *what, const struct cb_statement_call *call,
                     struct cb_pg_answer *out, struct cb_err *err);

/* SQL of our own without parameters, one command or several. */
CB_MUST cb_pg_execute(struct cb_db *db, const char *sql, const char *what, struct cb_err *err);

CB_MUST cb_pg_run(struct cb_db *db, const struct cb_statement_call *call, uint64_t *out_rows,
                  struct cb_err *err);
CB_MUST cb_pg_wait_change(struct cb_db *db, const struct cb_statement *generation, int64_t known,
                          int timeout_ms, int wake_fd, bool *out_changed, struct cb_err *err);

/* The reason for a result that is no success, or that there is none. Neither says a word that the user chose
 * or that stood in a row. */
CB_MUST cb_pg_refused(struct cb_db *db, const PGresult *result, const char *what, struct cb_err *err);
CB_MUST cb_pg_not_connected(const PGconn *conn, struct cb_err *err);

/* The connection is of no more use. */
CB_MUST cb_pg_lost(struct cb_db *db, const char *what, struct cb_err *err);

#endif
