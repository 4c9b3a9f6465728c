/* The clients of the registry. */
#include "base/limits.h"
#include "store/record.h"
#include "store/rows.h"
#include "store/tx.h"

enum { IDENTITY_SIZE = 32 };

#define TEXT(member, min, max)                                                                               \
    {                                                                                                        \
#member, offsetof(struct cb_client_record, member), (min), (max), CB_FIELD_TEXT                      \
    }
static const struct cb_field fields[] = {
    TEXT(client_id, 1, CB_LIMIT_CLIENT_ID),
    TEXT(client_name, 0, CB_LIMIT_CLIENT_NAME),
    TEXT(trust_group, 0, CB_LIMIT_NAME),
    TEXT(auth_method, 1, CB_LIMIT_NAME),
    TEXT(subject_kind, 0, CB_LIMIT_NAME),
    TEXT(subject, 0, CB_LIMIT_SUBJECT),
    TEXT(jwks, 0, CB_LIMIT_JWK_SET),
    TEXT(scope, 0, CB_LIMIT_SCOPE),
    TEXT(grant_types, 0, CB_LIMIT_SCOPE),
    { "identity", offsetof(struct cb_client_record, identity), 0, IDENTITY_SIZE, CB_FIELD_BYTES },
};
#undef TEXT

static cb_status check(const struct cb_client_record *c, struct cb_err *err)
{
    CB_TRY(cb_fields_check(fields, CB_COUNT(fields), c, CB_E_REGISTRATION, err));
    CB_ENSURE(c->identity.n == 0 || c->identity.n == IDENTITY_SIZE, CB_E_REGISTRATION, "identity: %zu bytes",
              c->identity.n);
    CB_ENSURE(c->created_at >= 0 && c->updated_at >= 0, CB_E_REGISTRATION, "a time before 1970");
    return CB_OK;
}

cb_status cb_store_client_add(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err)
{
    CB_TRY(check(c, err));
    const struct cb_sql_value params[] = {
        cb_sql_bytes(c->client_id),   cb_sql_bytes(c->client_name),  cb_sql_bytes(c->trust_group),
        cb_sql_bytes(c->auth_method), cb_sql_bytes(c->subject_kind), cb_sql_bytes(c->subject),
        cb_sql_bytes(c->jwks),        cb_sql_bytes(c->scope),        cb_sql_bytes(c->grant_types),
        cb_sql_bytes(c->identity),    cb_sql_number(c->enabled),     cb_sql_number(c->created_at),
        cb_sql_number(c->updated_at),
    };
    return cb_store_run(s, CB_STATEMENT_CLIENT_ADD, params, NULL, NULL, NULL, err);
}

/* One statement decides who wins; only a loser asks why. */
cb_status cb_store_client_update(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err)
{
    CB_TRY(check(c, err));
    const struct cb_sql_value params[] = {
        cb_sql_bytes(c->client_id),   cb_sql_bytes(c->client_name),  cb_sql_bytes(c->trust_group),
        cb_sql_bytes(c->auth_method), cb_sql_bytes(c->subject_kind), cb_sql_bytes(c->subject),
        cb_sql_bytes(c->jwks),        cb_sql_bytes(c->scope),        cb_sql_bytes(c->grant_types),
        cb_sql_bytes(c->identity),    cb_sql_number(c->enabled),     cb_sql_number(c->updated_at),
        cb_sql_number(c->revision),
    };
    uint64_t changed = 0;
    CB_TRY(cb_store_run(s, CB_STATEMENT_CLIENT_UPDATE, params, NULL, NULL, &changed, err));
    if (changed == 1) {
        return CB_OK;
    }
    uint64_t found = 0;
    CB_TRY(cb_store_run(s, CB_STATEMENT_CLIENT_GET, params, NULL, NULL, &found, err));
    CB_ENSURE(found == 1, CB_E_NOT_FOUND, "no such client");
    CB_REFUSE(CB_E_CHANGED_MEANWHILE, "client: revision %lld is not the stored one", (long long)c->revision);
}

/* A statement whose first parameter is the client_id and that must find its row. */
static cb_status run_on(struct cb_store *s, enum cb_statement_id id, const struct cb_sql_value *params,
                        cb_row_fn each_row, void *ctx, struct cb_err *err)
{
    uint64_t rows = 0;
    CB_ENSURE(cb_name_storable(params[0].bytes, CB_LIMIT_CLIENT_ID), CB_E_NOT_FOUND, "no such client");
    CB_TRY(cb_store_run(s, id, params, each_row, ctx, &rows, err));
    CB_ENSURE(rows == 1, CB_E_NOT_FOUND, "no such client");
    return CB_OK;
}

cb_status cb_store_client_set_enabled(struct cb_store *s, struct cb_str client_id, bool enabled, int64_t now,
                                      struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id), cb_sql_number(enabled),
                                           cb_sql_number(now) };
    return run_on(s, CB_STATEMENT_CLIENT_SET_ENABLED, params, NULL, NULL, err);
}

cb_status cb_store_client_remove(struct cb_store *s, struct cb_str client_id, struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id) };
    return run_on(s, CB_STATEMENT_CLIENT_REMOVE, params, NULL, NULL, err);
}

struct cb_client_record cb_client_of_row(const struct cb_sql_value *row)
{
    return (struct cb_client_record){
        .client_id = row[0].bytes,
        .client_name = row[1].bytes,
        .trust_group = row[2].bytes,
        .auth_method = row[3].bytes,
        .subject_kind = row[4].bytes,
        .subject = row[5].bytes,
        .jwks = row[6].bytes,
        .scope = row[7].bytes,
        .grant_types = row[8].bytes,
        .identity = row[9].bytes,
        .enabled = row[10].number != 0,
        .created_at = row[11].number,
        .updated_at = row[12].number,
        .revision = row[13].number,
    };
}

struct kept_client {
    struct cb_arena *arena;
    struct cb_client_record client;
};

static cb_status keep_client(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    struct kept_client *kept = ctx;
    kept->client = cb_client_of_row(row);
    for (size_t i = 0; i < CB_COUNT(fields); i++) {
        struct cb_str *s = (void *)((char *)&kept->client + fields[i].offset);
        *s = cb_arena_str(kept->arena, *s);
        CB_ENSURE(s->p != NULL, CB_E_MEMORY, "client: the arena is full");
    }
    return CB_OK;
}

cb_status cb_store_client_get(struct cb_store *s, struct cb_arena *a, struct cb_str client_id,
                              struct cb_client_record *out, struct cb_err *err)
{
    struct kept_client kept = { .arena = a };
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id) };
    CB_TRY(run_on(s, CB_STATEMENT_CLIENT_GET, params, keep_client, &kept, err));
    *out = kept.client;
    return CB_OK;
}
