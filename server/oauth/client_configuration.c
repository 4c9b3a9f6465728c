#include "oauth/client_configuration.h"

#include "base/ct.h"
#include "oauth/client_auth.h"
#include "oauth/registration_token.h"
#include "oauth/snapshot.h"
#include "partner/peer.h"

/* A token that is shown for another client, or for one that is gone, has leaked or is of no use: RFC 7592
 * section 2.1. It ends here, whoever's it was. */
static cb_status end_token(struct cb_store *store, struct cb_str hash, struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (CB_FAILED(cb_store_client_clear_token(store, hash, &why))) {
        CB_ENSURE(why.code == CB_E_NOT_FOUND, why.code, "%.200s", why.detail);
    }
    CB_REFUSE(CB_E_DCR_TOKEN, "the token is not that of this client");
}

static cb_status find(const struct cb_app *app, struct cb_request *rq, struct cb_str hash,
                      struct cb_client_record *out, struct cb_err *err)
{
    struct cb_store *store = cb_app_services(app)->store;
    struct cb_err why = { 0 };
    if (CB_FAILED(cb_store_client_get(store, rq->arena, rq->path_params[0], out, &why))) {
        CB_ENSURE(why.code == CB_E_NOT_FOUND, why.code, "%.200s", why.detail);
        return end_token(store, hash, err);
    }
    const struct cb_str kept = out->registration_token_hash;
    return cb_ct_eq(kept.p, kept.n, hash.p, hash.n) ? CB_OK : end_token(store, hash, err);
}

/* The token alone is not enough: the connection must be the client's own. A certificate that is merely
 * expired costs nobody the token. */
static cb_status check_certificate(const struct cb_app *app, struct cb_request *rq,
                                   const struct cb_client_record *r, struct cb_err *err)
{
    struct cb_client client = { .method = CB_AUTH_NONE };
    const struct cb_cert *cert = NULL;
    struct cb_err why = { 0 };
    CB_ENSURE(rq->peer != NULL, CB_E_DCR_TOKEN, "no client certificate on this connection");
    CB_TRY(cb_client_of(rq->arena, r, &client, err));
    if (!CB_FAILED(cb_peer_cert(rq->peer, &cert, NULL))) {
        rq->audit.x5t = cert->x5t;
        rq->audit.has_x5t = true;
    }
    if (CB_FAILED(cb_client_check_certificate(app, rq, &client, &why))) {
        CB_ENSURE(cb_error_is_peers(why.code), why.code, "%.200s", why.detail);
        CB_REFUSE(CB_E_DCR_TOKEN, "%s: %.180s", cb_code_reason(why.code), why.detail);
    }
    CB_ENSURE(r->enabled, CB_E_DCR_FORBIDDEN, "the client is disabled");
    return CB_OK;
}

/* Who: RFC 7592 section 2, and the certificate. */
static cb_status authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_client_record *out,
                              struct cb_str *out_token, struct cb_err *err)
{
    struct cb_str hash = { 0 };
    rq->audit.client_id = rq->path_params[0];
    CB_TRY(cb_app_snapshot(app, rq, err));
    CB_ENSURE(rq->snapshot->registry != NULL, CB_E_HTTP_NOT_READY,
              "the clients have not been read from the store yet");
    CB_TRY(cb_registration_token_read(rq->arena, rq->authorization, out_token, &hash, err));
    CB_TRY(find(app, rq, hash, out, err));
    return check_certificate(app, rq, out, err);
}

cb_status cb_client_configuration_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                      struct cb_err *err)
{
    struct cb_client_record record = { .revision = 0 };
    struct cb_str token = { 0 };
    CB_TRY(authenticate(app, rq, &record, &token, err));
    return cb_enrol_answer(rq, &record, token, 200, out, err);
}

/* Of two at the same time one wins; the other's was made from what is no longer true. */
static cb_status update(const struct cb_app *app, struct cb_request *rq, struct cb_client_record *record,
                        struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (!CB_FAILED(cb_store_client_update(cb_app_services(app)->store, record, &why))) {
        record->revision++;
        return CB_OK;
    }
    CB_ENSURE(why.code != CB_E_CHANGED_MEANWHILE, CB_E_DCR_CONFLICT, "the revision is no longer %lld",
              (long long)record->revision);
    CB_ENSURE(why.code != CB_E_NOT_FOUND, CB_E_DCR_TOKEN, "the client is gone");
    CB_ENSURE(why.code == CB_E_EXISTS, why.code, "%.200s", why.detail);
    return cb_enrol_refuse(rq, "identity_free", CB_E_DCR_METADATA,
                           "a client with this subject is registered already", err);
}

cb_status cb_client_configuration_put(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                      struct cb_err *err)
{
    struct cb_client_record before = { .revision = 0 };
    struct cb_str token = { 0 };
    struct cb_enrolment *e = cb_arena_alloc(rq->arena, sizeof *e);
    CB_ENSURE(e != NULL, CB_E_MEMORY, "registration");
    CB_TRY(authenticate(app, rq, &before, &token, err));
    CB_TRY(cb_enrol_judge(app, rq, &before, e, err));
    if (cb_enrol_is_dry_run(rq)) {
        return cb_enrol_answer_dry_run(rq, e, out, err);
    }
    CB_TRY(cb_enrol_verdict(rq, &e->report, err));
    CB_TRY(cb_enrol_use_once(app, rq, e, err));
    CB_TRY(cb_registration_token_new(rq->arena, &token, &e->record.registration_token_hash, err));
    CB_TRY(update(app, rq, &e->record, err));
    cb_app_settle(app, e->record.client_id, e->record.revision);
    return cb_enrol_answer(rq, &e->record, token, 200, out, err);
}

cb_status cb_client_configuration_delete(const struct cb_app *app, struct cb_request *rq,
                                         struct cb_reply *out, struct cb_err *err)
{
    struct cb_client_record record = { .revision = 0 };
    struct cb_str token = { 0 };
    struct cb_err why = { 0 };
    CB_TRY(authenticate(app, rq, &record, &token, err));
    if (CB_FAILED(cb_store_client_remove(cb_app_services(app)->store, record.client_id, 0, &why))) {
        CB_ENSURE(why.code != CB_E_NOT_FOUND, CB_E_DCR_TOKEN, "the client is gone");
        CB_REFUSE(why.code, "%.200s", why.detail);
    }
    cb_app_settle(app, record.client_id, 0);
    *out = (struct cb_reply){ .kind = CB_REPLY_EMPTY, .status = 204 };
    return CB_OK;
}
