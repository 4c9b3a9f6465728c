#include "keys/key_list.h"

static cb_status make_room(struct cb_key_list *l, struct cb_err *err)
{
    enum { FIRST_ROOM = 16 };
    const size_t room = l->room == 0 ? FIRST_ROOM : 2 * l->room;
    struct cb_key_record *all = cb_arena_array(l->arena, room, sizeof *all);
    CB_ENSURE(all != NULL, CB_E_MEMORY, "signing keys");
    if (l->count > 0) {
        memcpy(all, l->all, l->count * sizeof *all);
    }
    l->all = all;
    l->room = room;
    return CB_OK;
}

static cb_status keep(void *ctx, const struct cb_key_record *k, struct cb_err *err)
{
    struct cb_key_list *l = ctx;
    if (l->count == l->room) {
        CB_TRY(make_room(l, err));
    }
    struct cb_key_record *copy = &l->all[l->count++];
    *copy = *k;
    copy->sealed = (struct cb_str){ 0 };
    copy->kid = cb_arena_str(l->arena, k->kid);
    copy->alg = cb_arena_str(l->arena, k->alg);
    copy->public_jwk = cb_arena_str(l->arena, k->public_jwk);
    CB_ENSURE(copy->kid.p != NULL && copy->alg.p != NULL && copy->public_jwk.p != NULL, CB_E_MEMORY,
              "signing keys");
    return CB_OK;
}

cb_status cb_key_list_read(struct cb_store *s, struct cb_arena *a, struct cb_key_list **out,
                           struct cb_err *err)
{
    int64_t generation = 0;
    struct cb_key_list *l = cb_arena_alloc(a, sizeof *l);
    CB_ENSURE(l != NULL, CB_E_MEMORY, "signing keys");
    l->arena = a;
    CB_TRY(
        cb_store_read_registry(s, &(struct cb_registry_reader){ .key = keep, .ctx = l }, &generation, err));
    *out = l;
    return CB_OK;
}

bool cb_key_list_find(const struct cb_key_list *l, struct cb_str kid, size_t *out)
{
    for (size_t i = 0; i < l->count; i++) {
        if (cb_str_eq(l->all[i].kid, kid)) {
            *out = i;
            return true;
        }
    }
    return false;
}

void cb_key_list_json(const struct cb_key_list *l, size_t i, int64_t now, struct cb_json_out *j)
{
    const struct cb_key_record *k = &l->all[i];
    cb_json_open(j, '{');
    cb_json_put_str(j, "kid", k->kid);
    cb_json_put_str(j, "alg", k->alg);
    cb_json_put_cstr(j, "state", cb_key_state_name(cb_key_state_of(l->all, l->count, i, now)));
    cb_json_put_time(j, "created_at", k->created_at);
    cb_json_put_time(j, "signs_from", k->active_from);
    if (k->retired_at != 0) {
        cb_json_put_time(j, "retired_at", k->retired_at);
    }
    cb_json_key(j, "jwk");
    cb_json_raw(j, k->public_jwk);
    cb_json_close(j, '}');
}
