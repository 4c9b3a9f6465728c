/* The schema: what the database has, what the program knows, and the way from one to the other. */
#include "store/migrate.h"

#include <limits.h>
#include <stdlib.h>

#include "store/tx.h"

static int count_of(const struct cb_sql_file *files)
{
    int n = 0;
    while (files[n].name != NULL) {
        n++;
    }
    return n;
}

cb_status cb_migrations_check(const struct cb_sql_file *files, struct cb_err *err)
{
    CB_ENSURE(files[0].name != NULL, CB_E_INTERNAL, "no migrations");
    for (int i = 0; files[i].name != NULL; i++) {
        char *rest = NULL;
        CB_ENSURE(strtol(files[i].name, &rest, 10) == i + 1 && *rest == '_', CB_E_INTERNAL,
                  "migration %s is not number %d", files[i].name, i + 1);
    }
    return CB_OK;
}

/* The database's side, compared with ours while it is read. */
struct schema {
    const struct cb_sql_file *known;
    int known_count;
    int applied;  /* the newest number in the database */
    int conflict; /* the first number that is missing or differs; 0: none */
};

static cb_status on_applied(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    struct schema *schema = ctx;
    CB_ENSURE(row[0].number >= 1 && row[0].number <= INT_MAX, CB_E_STORE_SCHEMA,
              "schema_migrations: a bad number");
    const int number = (int)row[0].number;
    const int expected = schema->applied + 1;
    schema->applied = number;
    if (schema->conflict != 0 || expected > schema->known_count) {
        return CB_OK;
    }
    const struct cb_sql_file *ours = &schema->known[expected - 1];
    if (number != expected || !cb_str_is(row[1].bytes, ours->name) ||
        !cb_str_is(row[2].bytes, ours->checksum)) {
        schema->conflict = expected;
    }
    return CB_OK;
}

static cb_status read_schema(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    struct schema *schema = ctx;
    const struct cb_sql_file *known = tx->store->ops->migrations;
    *schema = (struct schema){ .known = known, .known_count = count_of(known) };
    uint64_t exists = 0;
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_SCHEMA_EXISTS, NULL, NULL, NULL, &exists, err));
    return exists == 0 ? CB_OK
                       : cb_tx_run(tx, CB_STATEMENT_SCHEMA_APPLIED, NULL, on_applied, schema, NULL, err);
}

static cb_status refuse_other_history(const struct schema *schema, struct cb_err *err)
{
    CB_ENSURE(schema->applied <= schema->known_count, CB_E_STORE_SCHEMA,
              "the database has migration %d, this program knows %d: use a newer certbound", schema->applied,
              schema->known_count);
    CB_ENSURE(schema->conflict == 0, CB_E_STORE_SCHEMA,
              "migration %d was applied to the database with another name or content", schema->conflict);
    return CB_OK;
}

cb_status cb_store_schema_status(struct cb_store *s, struct cb_schema_status *out, struct cb_err *err)
{
    struct schema schema = { 0 };
    CB_TRY(cb_store_in_tx(s, CB_TX_READ, read_schema, &schema, err));
    *out = (struct cb_schema_status){ .applied = schema.applied, .known = schema.known_count };
    return CB_OK;
}

cb_status cb_store_check_schema(struct cb_store *s, struct cb_err *err)
{
    struct schema schema = { 0 };
    CB_TRY(cb_store_in_tx(s, CB_TX_READ, read_schema, &schema, err));
    CB_TRY(refuse_other_history(&schema, err));
    CB_ENSURE(schema.applied == schema.known_count, CB_E_STORE_SCHEMA,
              "the database has migration %d of %d: run certbound db migrate", schema.applied,
              schema.known_count);
    return CB_OK;
}

struct step {
    int64_t now;
    bool done;
};

/* Under the lock: what the others did while we waited is there to be read. */
static cb_status migrate_step(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    struct step *step = ctx;
    struct schema schema = { 0 };
    CB_TRY(read_schema(tx, &schema, err));
    CB_TRY(refuse_other_history(&schema, err));
    step->done = schema.applied == schema.known_count;
    if (step->done) {
        return CB_OK;
    }
    const struct cb_sql_file *next = &schema.known[schema.applied];
    const struct cb_sql_value params[] = {
        cb_sql_number(schema.applied + 1),
        cb_sql_bytes(cb_str_of(next->name)),
        cb_sql_bytes(cb_str_of(next->checksum)),
        cb_sql_number(step->now),
    };
    CB_TRY(cb_tx_script(tx, next->sql, err));
    return cb_tx_run(tx, CB_STATEMENT_SCHEMA_RECORD, params, NULL, NULL, NULL, err);
}

cb_status cb_store_migrate(struct cb_store *s, int64_t now, struct cb_err *err)
{
    struct step step = { .now = now };
    while (!step.done) {
        CB_TRY(cb_store_in_tx(s, CB_TX_MIGRATE, migrate_step, &step, err));
    }
    return CB_OK;
}
