/* What the server says to what was sent: every result is taken, every wait is bounded. */
#include <arpa/inet.h>
#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/postgresql/postgresql.h"

/* OIDs of pg_type that our columns have. */
enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT4 = 23 };

static int64_t number_of(const char *p, Oid type)
{
    uint64_t wide = 0;
    uint32_t narrow = 0;
    switch (type) {
        case OID_BOOL:
            return *p;
        case OID_INT4:
            memcpy(&narrow, p, sizeof narrow);
            return (int32_t)ntohl(narrow);
        default:
            memcpy(&wide, p, sizeof wide);
            return (int64_t)be64toh(wide);
    }
}

static void read_row(const PGresult *r, int at, struct cb_sql_value row[CB_STATEMENT_COLUMNS_MAX])
{
    const int columns = PQnfields(r);
    for (int i = 0; i < columns && i < CB_STATEMENT_COLUMNS_MAX; i++) {
        const Oid type = PQftype(r, i);
        row[i] = (struct cb_sql_value){ .bytes = CB_STR("") };
        if (PQgetisnull(r, at, i) != 0) {
            continue;
        }
        if (type == OID_BOOL || type == OID_INT4 || type == OID_INT8) {
            row[i].number = number_of(PQgetvalue(r, at, i), type);
        } else {
            row[i].bytes = (struct cb_str){ PQgetvalue(r, at, i), (size_t)PQgetlength(r, at, i) };
        }
    }
}

static cb_status take_rows(const PGresult *r, const struct cb_statement_call *call, struct cb_pg_answer *out,
                           struct cb_err *err)
{
    const int rows = PQntuples(r);
    out->rows += (uint64_t)rows;
    for (int at = 0; at < rows && call != NULL && call->each_row != NULL; at++) {
        struct cb_sql_value row[CB_STATEMENT_COLUMNS_MAX];
        read_row(r, at, row);
        CB_TRY(call->each_row(call->ctx, row, err));
    }
    return CB_OK;
}

static cb_status take(struct cb_db *db, PGresult *r, const char *what, const struct cb_statement_call *call,
                      struct cb_pg_answer *out, struct cb_err *err)
{
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
        return take_rows(r, call, out, err);
    }
    if (status == PGRES_COMMAND_OK) {
        out->rows = strtoull(PQcmdTuples(r), NULL, 10);
        (void)snprintf(out->tag, sizeof out->tag, "%s", PQcmdStatus(r));
        return CB_OK;
    }
    return cb_pg_refused(db, r, what, err);
}

/* Sends what is left to send and reads what there is. */
static cb_status exchange(struct cb_db *db, int64_t until, const char *what, struct cb_err *err)
{
    const int64_t left = until - cb_clock_monotonic_ms();
    const short both = PQflush(db->conn) == 0 ? POLLIN : POLLIN | POLLOUT;
    struct pollfd fd = { .fd = PQsocket(db->conn), .events = both };
    const int ready = poll(&fd, 1, db->patient ? -1 : left < 0 ? 0 : (int)left);
    if (ready == 0 || PQconsumeInput(db->conn) == 0) {
        return cb_pg_lost(db, what, err);
    }
    return CB_OK;
}

static void clear(PGresult **r)
{
    PQclear(*r);
}

cb_status cb_pg_answer(struct cb_db *db, int sent, const char *what, const struct cb_statement_call *call,
                       struct cb_pg_answer *out, struct cb_err *err)
{
    bool failed = false;
    if (sent != 1) {
        return cb_pg_lost(db, what, err);
    }
    for (;;) {
        const int64_t until = cb_clock_monotonic_ms() + CB_PG_ANSWER_MS;
        while (PQisBusy(db->conn) != 0) {
            CB_TRY(exchange(db, until, what, err));
        }
        CB_AUTO(clear) PGresult *r = PQgetResult(db->conn);
        if (r == NULL) {
            break;
        }
        /* After a failure the rest is taken and dropped. */
        failed = failed || CB_FAILED(take(db, r, what, call, out, err));
        if (db->conn == NULL) {
            break;
        }
    }
    return failed ? CB_FAIL : CB_OK;
}

cb_status cb_pg_execute(struct cb_db *db, const char *sql, const char *what, struct cb_err *err)
{
    struct cb_pg_answer answer = { 0 };
    return cb_pg_answer(db, PQsendQuery(db->conn, sql), what, NULL, &answer, err);
}
