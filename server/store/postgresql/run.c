/* One statement: prepared once per connection, sent with binary parameters. */
#include <endian.h>

#include "store/postgresql/postgresql.h"

enum { BINARY = 1 };

static Oid oid_of(char type)
{
    switch (type) {
        case 't':
            return 25; /* text */
        case 'b':
            return 17; /* bytea */
        case 'f':
            return 16; /* bool */
        default:
            return 20; /* int8 */
    }
}

static cb_status prepare(struct cb_db *db, const struct cb_statement *what, struct cb_err *err)
{
    if (db->prepared[what->id]) {
        return CB_OK;
    }
    Oid types[CB_STATEMENT_PARAMS_MAX];
    const int n = (int)strlen(what->params);
    for (int i = 0; i < n; i++) {
        types[i] = oid_of(what->params[i]);
    }
    struct cb_pg_answer answer = { 0 };
    const char *sql = cb_sql_text(cb_sql_postgresql_queries, what->name);
    CB_TRY(
        cb_pg_answer(db, PQsendPrepare(db->conn, what->name, sql, n, types), what->name, NULL, &answer, err));
    db->prepared[what->id] = true;
    return CB_OK;
}

/* As PQsendQueryPrepared takes them. */
struct parameters {
    const char *values[CB_STATEMENT_PARAMS_MAX];
    int lengths[CB_STATEMENT_PARAMS_MAX];
    int formats[CB_STATEMENT_PARAMS_MAX];
    uint64_t numbers[CB_STATEMENT_PARAMS_MAX];
    bool flags[CB_STATEMENT_PARAMS_MAX];
    int count;
};

static void add_parameter(struct parameters *p, char type, const struct cb_sql_value *v)
{
    const int i = p->count++;
    p->formats[i] = BINARY;
    switch (type) {
        case 't':
        case 'b':
            p->lengths[i] = (int)v->bytes.n;
            p->values[i] = v->bytes.n > 0 ? v->bytes.p : type == 't' ? "" : NULL;
            break;
        case 'f':
            p->flags[i] = v->number != 0;
            p->lengths[i] = sizeof p->flags[i];
            p->values[i] = (const char *)&p->flags[i];
            break;
        default:
            p->numbers[i] = htobe64((uint64_t)v->number);
            p->lengths[i] = sizeof p->numbers[i];
            p->values[i] = (const char *)&p->numbers[i];
            break;
    }
}

/* Row by row, so that ten thousand clients are not held twice. */
static int send(struct cb_db *db, const struct cb_statement_call *call)
{
    struct parameters p = { .count = 0 };
    for (const char *type = call->what->params; *type != '\0'; type++) {
        add_parameter(&p, *type, &call->params[p.count]);
    }
    const int sent =
        PQsendQueryPrepared(db->conn, call->what->name, p.count, p.values, p.lengths, p.formats, BINARY);
    return sent == 1 && call->each_row != NULL ? PQsetSingleRowMode(db->conn) : sent;
}

cb_status cb_pg_run(struct cb_db *db, const struct cb_statement_call *call, uint64_t *out_rows,
                    struct cb_err *err)
{
    struct cb_pg_answer answer = { 0 };
    CB_TRY(cb_pg_connect(db, err));
    CB_TRY(prepare(db, call->what, err));
    CB_TRY(cb_pg_answer(db, send(db, call), call->what->name, call, &answer, err));
    *out_rows = answer.rows;
    return CB_OK;
}
