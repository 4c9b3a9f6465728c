/* The front: which database, is its table whole, and the verbs that need no statement of their own file. */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/migrate.h"
#include "store/tx.h"

static const struct {
    struct cb_str prefix;
    bool part_of_it; /* the backend wants the prefix too */
    const struct cb_store_ops *ops;
} backends[] = {
    { { "sqlite:", 7 }, false, &cb_store_sqlite },
    { { "postgresql://", 13 }, true, &cb_store_postgresql },
    { { "postgres://", 11 }, true, &cb_store_postgresql },
};

static cb_status check_table(const struct cb_store_ops *ops, struct cb_err *err)
{
    CB_ENSURE(ops->name && ops->migrations && ops->queries && ops->open && ops->close && ops->begin &&
                  ops->commit && ops->rollback && ops->run && ops->script && ops->wait_change,
              CB_E_INTERNAL, "a store's table has a hole");
    size_t files = 0;
    while (ops->queries[files].name != NULL) {
        files++;
    }
    CB_ENSURE(files == CB_STATEMENT__MAX, CB_E_INTERNAL, "%s: %zu query files for %d statements", ops->name,
              files, (int)CB_STATEMENT__MAX);
    for (size_t i = 0; i < CB_STATEMENT__MAX; i++) {
        CB_ENSURE(cb_sql_text(ops->queries, cb_statements[i].name) != NULL, CB_E_INTERNAL,
                  "%s: no query file %s", ops->name, cb_statements[i].name);
    }
    return cb_migrations_check(ops->migrations, err);
}

static cb_status find_backend(const char *where, const struct cb_store_ops **out_ops, const char **out_where,
                              struct cb_err *err)
{
    const struct cb_str s = cb_str_of(where);
    for (size_t i = 0; i < CB_COUNT(backends); i++) {
        if (cb_str_starts(s, backends[i].prefix)) {
            *out_ops = backends[i].ops;
            *out_where = backends[i].part_of_it ? where : where + backends[i].prefix.n;
            return check_table(*out_ops, err);
        }
    }
    CB_REFUSE(CB_E_CONFIG, "store: neither sqlite:PATH nor postgresql://...");
}

static void store_auto(struct cb_store **s)
{
    cb_store_close(*s);
}

cb_status cb_store_open(const char *where, struct cb_store **out, struct cb_err *err)
{
    const struct cb_store_ops *ops = NULL;
    CB_TRY(find_backend(where, &ops, &where, err));

    CB_AUTO(store_auto) struct cb_store *s = calloc(1, sizeof *s);
    CB_ENSURE(s != NULL, CB_E_MEMORY, "store");
    s->ops = ops;
    (void)pthread_mutex_init(&s->lock, NULL);
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CB_ENSURE(s->wake_fd >= 0, CB_E_STORE, "store: eventfd");
    CB_TRY(ops->open(where, &s->db, err));
    CB_TRY(ops->open(where, &s->follower, err));
    *out = CB_TAKE(s);
    return CB_OK;
}

void cb_store_close(struct cb_store *s)
{
    if (s == NULL) {
        return;
    }
    s->ops->close(s->follower);
    s->ops->close(s->db);
    if (s->wake_fd >= 0) {
        (void)close(s->wake_fd);
    }
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

const char *cb_store_name(const struct cb_store *s)
{
    return s->ops->name;
}

struct waiting {
    int64_t known;
    int timeout_ms;
    bool changed;
};

/* Holds no lock: the follower is for this alone. */
static cb_status wait_attempt(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    struct waiting *w = ctx;
    const struct cb_store *s = tx->store;
    return s->ops->wait_change(s->follower, &cb_statements[CB_STATEMENT_REGISTRY_GENERATION], w->known,
                               w->timeout_ms, s->wake_fd, &w->changed, err);
}

cb_status cb_store_wait_change(struct cb_store *s, int64_t known, int timeout_ms, bool *out_changed,
                               struct cb_err *err)
{
    struct waiting w = { known, timeout_ms, false };
    CB_TRY(cb_store_retry(s, wait_attempt, &w, err));
    *out_changed = w.changed;
    return CB_OK;
}

void cb_store_wake(struct cb_store *s)
{
    (void)eventfd_write(s->wake_fd, 1);
}

uint64_t cb_store_statement_count(const struct cb_store *s)
{
    return s->statements;
}
