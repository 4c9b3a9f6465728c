#include "admin/parts.h"
#include "keys/key_list.h"

static cb_status read_list(const struct cb_app *app, struct cb_request *rq, struct cb_key_list **out,
                           struct cb_err *err)
{
    struct cb_arena *a = cb_admin_arena(rq);
    CB_ENSURE(a != NULL, CB_E_MEMORY, "signing keys");
    return cb_key_list_read(cb_app_services(app)->store, a, out, err);
}

cb_status cb_admin_signing_keys_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    struct cb_key_list *keys = NULL;
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "signing keys");
    CB_TRY(read_list(app, rq, &keys, err));
    struct cb_json_out j = cb_json_out(text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "signing_keys");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < keys->count; i++) {
        cb_key_list_json(keys, i, rq->now, &j);
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    return cb_admin_reply(200, text, out, err);
}

static cb_status reply_key(const struct cb_app *app, struct cb_request *rq, struct cb_str kid, int status,
                           struct cb_reply *out, struct cb_err *err)
{
    struct cb_key_list *keys = NULL;
    size_t at = 0;
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "signing key");
    CB_TRY(read_list(app, rq, &keys, err));
    CB_ENSURE(cb_key_list_find(keys, kid, &at), CB_E_ADMIN_NOT_FOUND, "no such signing key");
    struct cb_json_out j = cb_json_out(text);
    cb_key_list_json(keys, at, rq->now, &j);
    return cb_admin_reply(status, text, out, err);
}

cb_status cb_admin_signing_key_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                   struct cb_err *err)
{
    return reply_key(app, rq, rq->path_params[0], 200, out, err);
}

/* --- POST: the next key --- */

cb_status cb_admin_signing_keys_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                     struct cb_err *err)
{
    const struct cb_services *services = cb_app_services(app);
    const struct cb_config *config = rq->snapshot->config;
    struct cb_err why = { 0 };
    char kid[CB_KID_TEXT];
    bool known = false;
    CB_TRY(cb_admin_members(rq, NULL, 0, NULL, &known, err));
    if (!known) {
        return cb_admin_refuse(rq, "body", "must be {}: the configuration says what key it is", err);
    }
    if (CB_FAILED(cb_keys_create(services->store, services->kek,
                                 cb_alg_of(cb_str_of(config->signing_algorithm)), false, rq->now,
                                 config->publish_ahead_s, kid, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    cb_store_wake(services->store); /* the follower looks at once */
    CB_TRY(cb_admin_about(rq, "signing-keys", cb_str_of(kid), err));
    CB_TRY(reply_key(app, rq, cb_str_of(kid), 201, out, err));
    return cb_admin_location(rq, out, err);
}

/* --- DELETE: a key is withdrawn --- */

struct form {
    struct cb_str force;
};
static const struct cb_param params[] = {
    { .name = "force", .max = 5, .offset = offsetof(struct form, force) },
};
const struct cb_param_table cb_admin_signing_key_params = {
    .params = params, .count = CB_COUNT(params), .form_size = sizeof(struct form), .closed = true
};

cb_status cb_admin_signing_key_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                      struct cb_err *err)
{
    const struct form *f = rq->form;
    const bool force = cb_str_is(f->force, "true");
    struct cb_err why = { 0 };
    CB_TRY(cb_admin_about(rq, "signing-keys", rq->path_params[0], err));
    const bool good = f->force.n == 0 || force || cb_str_is(f->force, "false");
    CB_TRY(cb_admin_parameter(rq, good, "force", "must be true or false", err));
    if (CB_FAILED(cb_keys_retire(cb_app_services(app)->store, rq->path_params[0], force, rq->now, &why))) {
        return cb_admin_failed(rq, &why, err);
    }
    cb_store_wake(cb_app_services(app)->store);
    *out = (struct cb_reply){ .kind = CB_REPLY_EMPTY };
    return CB_OK;
}
