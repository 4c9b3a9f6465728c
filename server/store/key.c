/* The signing keys of the registry. */
#include "base/limits.h"
#include "store/record.h"
#include "store/rows.h"
#include "store/tx.h"

#define FIELD(member, max, kind)                                                                             \
    {                                                                                                        \
#member, offsetof(struct cb_key_record, member), 1, (max), (kind)                                    \
    }
static const struct cb_field fields[] = {
    FIELD(kid, CB_LIMIT_KID, CB_FIELD_TEXT),
    FIELD(alg, CB_LIMIT_NAME, CB_FIELD_TEXT),
    FIELD(public_jwk, CB_LIMIT_SIGNING_KEY, CB_FIELD_TEXT),
    FIELD(sealed, CB_LIMIT_SIGNING_KEY, CB_FIELD_BYTES),
};
#undef FIELD

struct key_add {
    const struct cb_key_record *key;
    bool first_only;
    int64_t now;
};

/* Lock, then decide: an insert that looks for other rows does not see those of a transaction beside it. */
static cb_status key_add(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    const struct key_add *add = ctx;
    const struct cb_key_record *k = add->key;
    const struct cb_sql_value params[] = {
        cb_sql_bytes(k->kid),    cb_sql_bytes(k->alg),           cb_sql_bytes(k->public_jwk),
        cb_sql_bytes(k->sealed), cb_sql_number(k->created_at),   cb_sql_number(k->active_from),
        cb_sql_number(add->now), cb_sql_number(add->first_only),
    };
    uint64_t added = 0;
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_REGISTRY_LOCK, NULL, NULL, NULL, NULL, err));
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_KEY_ADD, params, NULL, NULL, &added, err));
    CB_ENSURE(added == 1, CB_E_EXISTS, "%s",
              add->first_only ? "a signing key is there already" : "a key rotation is under way already");
    return CB_OK;
}

cb_status cb_store_key_add(struct cb_store *s, const struct cb_key_record *k, bool first_only, int64_t now,
                           struct cb_err *err)
{
    CB_TRY(cb_fields_check(fields, CB_COUNT(fields), k, CB_E_INTERNAL, err));
    CB_ENSURE(k->created_at >= 0 && k->active_from >= 0, CB_E_INTERNAL, "key: a time before 1970");
    struct key_add add = { k, first_only, now };
    return cb_store_in_tx(s, CB_TX_WRITE, key_add, &add, err);
}

struct key_retire {
    struct cb_str kid;
    cb_key_judge judge;
    int64_t now;
};

/* All keys, for the judge. */
struct all_keys {
    struct cb_arena arena;
    struct cb_key_record *keys;
    size_t count, room;
};

static void all_keys_done(struct all_keys *all)
{
    cb_arena_done(&all->arena);
}

static cb_status make_room(struct all_keys *all, struct cb_err *err)
{
    enum { FIRST_ROOM = 64 };
    const size_t room = all->room == 0 ? FIRST_ROOM : 2 * all->room;
    struct cb_key_record *keys = cb_arena_array(&all->arena, room, sizeof *keys);
    CB_ENSURE(keys != NULL, CB_E_MEMORY, "signing keys");
    if (all->count > 0) {
        memcpy(keys, all->keys, all->count * sizeof *keys);
    }
    all->keys = keys;
    all->room = room;
    return CB_OK;
}

static cb_status keep_key(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    struct all_keys *all = ctx;
    if (all->count == all->room) {
        CB_TRY(make_room(all, err));
    }
    struct cb_key_record k = cb_key_of_row(row);
    k.sealed = (struct cb_str){ 0 };
    k.kid = cb_arena_str(&all->arena, k.kid);
    k.alg = cb_arena_str(&all->arena, k.alg);
    k.public_jwk = cb_arena_str(&all->arena, k.public_jwk);
    CB_ENSURE(k.kid.p != NULL && k.alg.p != NULL && k.public_jwk.p != NULL, CB_E_MEMORY, "signing keys");
    all->keys[all->count++] = k;
    return CB_OK;
}

static cb_status judge(struct cb_tx *tx, const struct key_retire *retire, struct cb_err *err)
{
    CB_AUTO(all_keys_done) struct all_keys all = { .arena = { .max = SIZE_MAX } };
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_KEY_ALL, NULL, keep_key, &all, NULL, err));
    for (size_t i = 0; i < all.count; i++) {
        if (cb_str_eq(all.keys[i].kid, retire->kid)) {
            return retire->judge(all.keys, all.count, i, retire->now, err);
        }
    }
    return CB_OK;
}

static cb_status key_retire(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    const struct key_retire *retire = ctx;
    const struct cb_sql_value params[] = { cb_sql_bytes(retire->kid), cb_sql_number(retire->now) };
    uint64_t retired = 0;
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_REGISTRY_LOCK, NULL, NULL, NULL, NULL, err));
    if (retire->judge != NULL) {
        CB_TRY(judge(tx, retire, err));
    }
    CB_TRY(cb_tx_run(tx, CB_STATEMENT_KEY_RETIRE, params, NULL, NULL, &retired, err));
    CB_ENSURE(retired == 1, CB_E_NOT_FOUND, "no such signing key, or retired already");
    return CB_OK;
}

cb_status cb_store_key_retire(struct cb_store *s, struct cb_str kid, cb_key_judge may, int64_t now,
                              struct cb_err *err)
{
    struct key_retire retire = { kid, may, now };
    CB_ENSURE(cb_name_storable(kid, CB_LIMIT_KID), CB_E_NOT_FOUND, "no such signing key");
    return cb_store_in_tx(s, CB_TX_WRITE, key_retire, &retire, err);
}

struct cb_key_record cb_key_of_row(const struct cb_sql_value *row)
{
    return (struct cb_key_record){
        .kid = row[0].bytes,
        .alg = row[1].bytes,
        .public_jwk = row[2].bytes,
        .sealed = row[3].bytes,
        .created_at = row[4].number,
        .active_from = row[5].number,
        .retired_at = row[6].number,
    };
}
