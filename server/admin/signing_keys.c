#include "admin/parts.h"
#include "keys/key_list.h"

cb_status cb_admin_signing_keys_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    struct cb_key_list *keys = NULL;
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "signing keys");
    CB_TRY(cb_key_list_read(cb_app_services(app)->store, rq->arena, &keys, err));
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
