/* The clients of the registry. */
#include "base/limits.h"
#include "store/certificate.h"
#include "store/record.h"
#include "store/rows.h"

#define FIELD(member, min, max, kind)                                                                        \
    {                                                                                                        \
#member, offsetof(struct cb_client_record, member), (min), (max), (kind)                             \
    }
#define TEXT(member, min, max) FIELD(member, min, max, CB_FIELD_TEXT)
#define DIGEST(member)         FIELD(member, 0, CB_STORE_DIGEST, CB_FIELD_BYTES)

/* In the order of the statements' parameters. */
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
    DIGEST(identity),
    DIGEST(issuer_key),
    TEXT(jwks_uri, 0, CB_LIMIT_URL),
    TEXT(directory, 0, CB_LIMIT_NAME),
    TEXT(software_id, 0, CB_LIMIT_NAME),
    TEXT(organisation_id, 0, CB_LIMIT_NAME),
    TEXT(roles, 0, CB_LIMIT_SCOPE),
    TEXT(metadata, 0, CB_LIMIT_METADATA),
    DIGEST(registration_token_hash),
};
#undef FIELD
#undef TEXT
#undef DIGEST

static cb_status check(const struct cb_client_record *c, struct cb_err *err)
{
    CB_TRY(cb_fields_check(fields, CB_COUNT(fields), c, CB_E_REGISTRATION, err));
    CB_TRY(cb_digest_check("identity", c->identity, CB_E_REGISTRATION, err));
    CB_TRY(cb_digest_check("issuer_key", c->issuer_key, CB_E_REGISTRATION, err));
    CB_TRY(cb_digest_check("registration_token_hash", c->registration_token_hash, CB_E_REGISTRATION, err));
    CB_ENSURE(c->created_at >= 0 && c->updated_at >= 0 && c->statement_issued_at >= 0 &&
                  c->statement_expires_at >= 0 && c->suspended_at >= 0,
              CB_E_REGISTRATION, "a time before 1970");
    return cb_certificates_check(&c->certificates, err);
}

enum { CLIENT_PARAMS = 24 }; /* of client_add and client_update: they differ in the last */

static void params_of(const struct cb_client_record *c, int64_t last, struct cb_sql_value out[CLIENT_PARAMS])
{
    const struct cb_sql_value params[CLIENT_PARAMS] = {
        cb_sql_bytes(c->client_id),
        cb_sql_bytes(c->client_name),
        cb_sql_bytes(c->trust_group),
        cb_sql_bytes(c->auth_method),
        cb_sql_bytes(c->subject_kind),
        cb_sql_bytes(c->subject),
        cb_sql_bytes(c->jwks),
        cb_sql_bytes(c->scope),
        cb_sql_bytes(c->grant_types),
        cb_sql_bytes(c->identity),
        cb_sql_number(c->enabled),
        cb_sql_number(c->updated_at),
        cb_sql_bytes(c->issuer_key),
        cb_sql_bytes(c->jwks_uri),
        cb_sql_bytes(c->directory),
        cb_sql_bytes(c->software_id),
        cb_sql_bytes(c->organisation_id),
        cb_sql_bytes(c->roles),
        cb_sql_bytes(c->metadata),
        cb_sql_bytes(c->registration_token_hash),
        cb_sql_number(c->statement_expires_at),
        cb_sql_number(c->suspended_at),
        cb_sql_number(c->statement_issued_at),
        cb_sql_number(last),
    };
    memcpy(out, params, sizeof params);
}

/* A statement that writes a client, which its first parameter names, and the certificates of its jwks. */
struct writing {
    enum cb_statement_id id;
    const struct cb_sql_value *params;
    const struct cb_certificate_list *certificates;
    uint64_t changed;
};

static cb_status write_client(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    struct writing *w = ctx;
    const struct cb_str client_id = w->params[0].bytes;
    CB_TRY(cb_tx_run(tx, w->id, w->params, NULL, NULL, &w->changed, err));
    if (w->changed == 0) {
        return CB_OK;
    }
    if (w->id != CB_STATEMENT_CLIENT_ADD) {
        CB_TRY(cb_certificates_forget(tx, client_id, w->id == CB_STATEMENT_CLIENT_SET_JWKS, err));
    }
    return cb_certificates_register(tx, client_id, w->certificates, err);
}

cb_status cb_store_client_add(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err)
{
    struct cb_sql_value params[CLIENT_PARAMS];
    struct writing w = { CB_STATEMENT_CLIENT_ADD, params, &c->certificates, 0 };
    CB_TRY(check(c, err));
    params_of(c, c->created_at, params);
    return cb_store_in_tx(s, CB_TX_WRITE, write_client, &w, err);
}

/* One statement decided who wins; only a loser asks why. */
static cb_status lose(struct cb_store *s, const struct cb_sql_value *params, const char *why_lost,
                      struct cb_err *err)
{
    uint64_t found = 0;
    CB_TRY(cb_store_run(s, CB_STATEMENT_CLIENT_GET, params, NULL, NULL, &found, err));
    CB_ENSURE(found == 1, CB_E_NOT_FOUND, "no such client");
    CB_REFUSE(CB_E_CHANGED_MEANWHILE, "%s", why_lost);
}

/* The first parameter is the client_id. */
static cb_status win(struct cb_store *s, enum cb_statement_id id, const struct cb_sql_value *params,
                     const char *why_lost, struct cb_err *err)
{
    uint64_t changed = 0;
    CB_ENSURE(cb_name_storable(params[0].bytes, CB_LIMIT_CLIENT_ID), CB_E_NOT_FOUND, "no such client");
    CB_TRY(cb_store_run(s, id, params, NULL, NULL, &changed, err));
    return changed == 1 ? CB_OK : lose(s, params, why_lost, err);
}

static const char other_revision[] = "client: somebody else has changed it meanwhile";

cb_status cb_store_client_update(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err)
{
    struct cb_sql_value params[CLIENT_PARAMS];
    struct writing w = { CB_STATEMENT_CLIENT_UPDATE, params, &c->certificates, 0 };
    CB_TRY(check(c, err));
    params_of(c, c->revision, params);
    CB_TRY(cb_store_in_tx(s, CB_TX_WRITE, write_client, &w, err));
    return w.changed == 1 ? CB_OK : lose(s, params, other_revision, err);
}

cb_status cb_store_client_suspend(struct cb_store *s, struct cb_str client_id, int64_t statement_expires_at,
                                  int64_t now, struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id), cb_sql_number(statement_expires_at),
                                           cb_sql_number(now) };
    return win(s, CB_STATEMENT_CLIENT_SUSPEND, params, "client: suspended already, or with a newer statement",
               err);
}

cb_status cb_store_client_remove(struct cb_store *s, struct cb_str client_id, int64_t revision,
                                 struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id), cb_sql_number(revision) };
    return win(s, CB_STATEMENT_CLIENT_REMOVE, params, other_revision, err);
}

cb_status cb_store_client_set_enabled(struct cb_store *s, struct cb_str client_id, bool enabled, int64_t now,
                                      struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id), cb_sql_number(enabled),
                                           cb_sql_number(now) };
    return cb_store_run_on(s, CB_STATEMENT_CLIENT_SET_ENABLED, params, NULL, NULL, "no such client", err);
}

cb_status cb_store_client_set_jwks(struct cb_store *s, const struct cb_key_set_read *read, bool *out_changed,
                                   struct cb_err *err)
{
    const struct cb_client_record c = { .client_id = read->client_id,
                                        .auth_method = CB_STR("-"),
                                        .jwks_uri = read->jwks_uri,
                                        .jwks = read->jwks,
                                        .certificates = read->certificates };
    const struct cb_sql_value params[] = { cb_sql_bytes(read->client_id), cb_sql_bytes(read->jwks_uri),
                                           cb_sql_bytes(read->jwks) };
    struct writing w = { CB_STATEMENT_CLIENT_SET_JWKS, params, &c.certificates, 0 };
    CB_TRY(check(&c, err));
    CB_TRY(cb_store_in_tx(s, CB_TX_WRITE, write_client, &w, err));
    *out_changed = w.changed == 1;
    return CB_OK;
}

cb_status cb_store_client_clear_token(struct cb_store *s, struct cb_str registration_token_hash,
                                      struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(registration_token_hash) };
    return cb_store_run_on(s, CB_STATEMENT_CLIENT_CLEAR_TOKEN, params, NULL, NULL, "no such token", err);
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
        .updated_at = row[11].number,
        .issuer_key = row[12].bytes,
        .jwks_uri = row[13].bytes,
        .directory = row[14].bytes,
        .software_id = row[15].bytes,
        .organisation_id = row[16].bytes,
        .roles = row[17].bytes,
        .metadata = row[18].bytes,
        .registration_token_hash = row[19].bytes,
        .statement_expires_at = row[20].number,
        .suspended_at = row[21].number,
        .statement_issued_at = row[22].number,
        .created_at = row[23].number,
        .revision = row[24].number,
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
    CB_TRY(cb_store_run_on(s, CB_STATEMENT_CLIENT_GET, params, keep_client, &kept, "no such client", err));
    *out = kept.client;
    return CB_OK;
}

struct page {
    cb_client_fn each;
    void *ctx;
};

static cb_status on_client(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct page *p = ctx;
    const struct cb_client_record c = cb_client_of_row(row);
    return p->each(p->ctx, &c, err);
}

cb_status cb_store_client_page(struct cb_store *s, const struct cb_client_page *page, cb_client_fn each,
                               void *ctx, struct cb_err *err)
{
    static const int64_t enabled[] = { [CB_EITHER] = -1, [CB_ONLY_ENABLED] = 1, [CB_ONLY_DISABLED] = 0 };
    const struct cb_sql_value params[] = { cb_sql_bytes(page->after), cb_sql_bytes(page->trust_group),
                                           cb_sql_bytes(page->directory),
                                           cb_sql_number(enabled[page->enabled]),
                                           cb_sql_number(page->limit) };
    struct page p = { each, ctx };
    return cb_store_run(s, CB_STATEMENT_CLIENT_PAGE, params, on_client, &p, NULL, err);
}
