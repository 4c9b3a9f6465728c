#include "oauth/register.h"

#include "oauth/registration_token.h"
#include "oauth/snapshot.h"

/* The client that this one would be: of the same directory, software and subject, and suspended. */
static const struct cb_client *suspended_twin(const struct cb_snapshot *s, const struct cb_client_record *r,
                                              int64_t now)
{
    for (size_t i = 0; i < cb_registry_count(s->registry); i++) {
        const struct cb_client *c = cb_registry_at(s->registry, i);
        if (cb_str_eq(c->directory, r->directory) && cb_str_eq(c->trust_group, r->trust_group) &&
            cb_str_eq(c->subject, r->subject) &&
            (c->suspended || cb_client_statement_is_over(c, s->config, now))) {
            return c;
        }
    }
    return NULL;
}

static cb_status refuse_taken(struct cb_request *rq, struct cb_err *err)
{
    return cb_enrol_refuse(rq, "identity_free", CB_E_DCR_METADATA,
                           "a client with this subject is registered already", err);
}

/* Who comes back with a new statement is the client that was suspended for the end of the old one. */
static cb_status renew_suspended(const struct cb_app *app, struct cb_request *rq,
                                 struct cb_client_record *record, struct cb_err *err)
{
    struct cb_store *store = cb_app_services(app)->store;
    const struct cb_client *twin = suspended_twin(rq->snapshot, record, rq->now);
    struct cb_client_record before = { .revision = 0 };
    struct cb_err why = { 0 };
    if (twin == NULL || CB_FAILED(cb_store_client_get(store, rq->arena, twin->id, &before, &why)) ||
        !cb_str_eq(before.software_id, record->software_id)) {
        return refuse_taken(rq, err);
    }
    record->client_id = before.client_id;
    record->created_at = before.created_at;
    record->revision = before.revision;
    record->enabled = before.enabled;
    record->issuer_key = before.issuer_key;
    CB_TRY(cb_store_client_update(store, record, err));
    record->revision++;
    return CB_OK;
}

static cb_status add(const struct cb_app *app, struct cb_request *rq, struct cb_client_record *record,
                     struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (!CB_FAILED(cb_store_client_add(cb_app_services(app)->store, record, &why))) {
        return CB_OK;
    }
    CB_ENSURE(why.code == CB_E_EXISTS, why.code, "%.200s", why.detail);
    return renew_suspended(app, rq, record, err);
}

cb_status cb_register_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                           struct cb_err *err)
{
    struct cb_enrolment *e = cb_arena_alloc(rq->arena, sizeof *e);
    struct cb_str token = { 0 };
    CB_ENSURE(e != NULL, CB_E_MEMORY, "registration");
    CB_TRY(cb_enrol_judge(app, rq, NULL, e, err));
    if (cb_enrol_is_dry_run(rq)) {
        return cb_enrol_answer_dry_run(rq, e, out, err);
    }
    CB_TRY(cb_enrol_verdict(rq, &e->report, err));
    CB_TRY(cb_enrol_use_once(app, rq, e, err));
    CB_TRY(cb_registration_token_new(rq->arena, &token, &e->record.registration_token_hash, err));
    CB_TRY(add(app, rq, &e->record, err));
    cb_app_settle(app, e->record.client_id, e->record.revision);
    return cb_enrol_answer(rq, &e->record, token, 201, out, err);
}
