#include "admin/parts.h"
#include "keys/keys.h"

enum { KEYS_MAX = 256 };

struct keys {
    struct cb_request *rq;
    struct cb_key_record all[KEYS_MAX];
    size_t count;
};

static cb_status keep(void *ctx, const struct cb_key_record *k, struct cb_err *err)
{
    struct keys *keys = ctx;
    CB_ENSURE(keys->count < KEYS_MAX, CB_E_LIMIT, "the store holds more than %d keys", KEYS_MAX);
    struct cb_key_record *copy = &keys->all[keys->count++];
    *copy = *k;
    copy->sealed = (struct cb_str){ 0 };
    copy->kid = cb_arena_str(keys->rq->arena, k->kid);
    copy->alg = cb_arena_str(keys->rq->arena, k->alg);
    copy->public_jwk = cb_arena_str(keys->rq->arena, k->public_jwk);
    CB_ENSURE(copy->kid.p != NULL && copy->alg.p != NULL && copy->public_jwk.p != NULL, CB_E_MEMORY, "keys");
    return CB_OK;
}

static void put_key(struct cb_json_out *j, const struct keys *keys, size_t i, int64_t now)
{
    const struct cb_key_record *k = &keys->all[i];
    cb_json_open(j, '{');
    cb_json_put_str(j, "kid", k->kid);
    cb_json_put_str(j, "alg", k->alg);
    cb_json_put_cstr(j, "state", cb_key_state_name(cb_key_state_of(keys->all, keys->count, i, now)));
    cb_json_put_time(j, "created_at", k->created_at);
    cb_json_put_time(j, "signs_from", k->active_from);
    if (k->retired_at != 0) {
        cb_json_put_time(j, "retired_at", k->retired_at);
    }
    cb_json_key(j, "jwk");
    cb_json_raw(j, k->public_jwk);
    cb_json_close(j, '}');
}

cb_status cb_admin_signing_keys_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    int64_t generation = 0;
    struct cb_buf *text = cb_admin_text(rq);
    struct keys *keys = cb_arena_alloc(rq->arena, sizeof *keys);
    CB_ENSURE(text != NULL && keys != NULL, CB_E_MEMORY, "signing keys");
    keys->rq = rq;
    CB_TRY(cb_store_read_registry(cb_app_services(app)->store,
                                  &(struct cb_registry_reader){ .key = keep, .ctx = keys }, &generation,
                                  err));
    struct cb_json_out j = cb_json_out(text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "signing_keys");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < keys->count; i++) {
        put_key(&j, keys, i, rq->now);
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    return cb_admin_reply(200, text, out, err);
}
