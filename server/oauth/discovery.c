#include "oauth/discovery.h"

#include "oauth/snapshot.h"

static cb_status reply_with(struct cb_document *d, struct cb_reply *out, struct cb_err *err)
{
    CB_ENSURE(d != NULL, CB_E_HTTP_NOT_READY, "the signing keys have not been read from the store yet");
    *out = (struct cb_reply){ .kind = CB_REPLY_DOCUMENT, .status = 200, .document = cb_document_ref(d) };
    return CB_OK;
}

cb_status cb_metadata_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                          struct cb_err *err)
{
    CB_TRY(cb_app_snapshot(app, rq, err));
    return reply_with(rq->snapshot->metadata, out, err);
}

cb_status cb_jwks_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                      struct cb_err *err)
{
    CB_TRY(cb_app_snapshot(app, rq, err));
    return reply_with(rq->snapshot->jwks, out, err);
}
