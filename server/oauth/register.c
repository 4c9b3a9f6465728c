#include "oauth/register.h"

#include "oauth/client_auth.h"
#include "oauth/registration_token.h"
#include "oauth/snapshot.h"
#include "partner/peer.h"

static bool holds(const struct cb_client *c, const struct cb_x5t *x5t)
{
    for (size_t i = 0; i < c->certificate_count; i++) {
        if (cb_x5t_eq(&c->certificates[i], x5t)) {
            return true;
        }
    }
    return false;
}

/* Self-signed certificates are no identity to the store; here each is one client, or a partner could register
 * without end. */
static bool is_same(const struct cb_client *c, const struct cb_client_record *r, const struct cb_x5t *x5t)
{
    if (!cb_str_eq(c->directory, r->directory) ||
        !cb_str_is(r->auth_method, cb_auth_method_name(c->method))) {
        return false;
    }
    return c->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT
               ? holds(c, x5t) || (c->jwks_uri.n > 0 && cb_str_eq(c->jwks_uri, r->jwks_uri))
               : cb_str_eq(c->trust_group, r->trust_group) && cb_str_eq(c->subject, r->subject);
}

/* The client that this one would be again; NULL: there is none. */
static const struct cb_client *find_twin(const struct cb_request *rq, const struct cb_client_record *r)
{
    const struct cb_registry *registry = rq->snapshot->registry;
    for (size_t i = 0; i < cb_registry_count(registry); i++) {
        const struct cb_client *c = cb_registry_at(registry, i);
        if (is_same(c, r, &rq->audit.x5t)) {
            return c;
        }
    }
    return NULL;
}

static bool has_ended(const struct cb_request *rq, const struct cb_client *c)
{
    return c->suspended || cb_client_statement_is_over(c, rq->snapshot->config, rq->now);
}

/* Has it ended, is it the same software, in the operator's good books, and by the CA that it is pinned to? As
 * the store has it: the snapshot may be older than another's renewal. */
static cb_status may_renew(struct cb_request *rq, const struct cb_client_record *before,
                           const struct cb_client_record *record, bool *out, struct cb_err *err)
{
    const struct cb_key_hash *issuer = cb_peer_issuer_key(rq->peer);
    struct cb_client c = { .method = CB_AUTH_NONE };
    CB_TRY(cb_client_of(rq->arena, before, &c, err));
    *out = has_ended(rq, &c) && c.enabled && cb_str_eq(c.software_id, record->software_id) &&
           (!c.has_issuer_key || (issuer != NULL && cb_key_hash_eq(&c.issuer_key, issuer)));
    return CB_OK;
}

static cb_status refuse_taken(struct cb_request *rq, struct cb_err *err)
{
    return cb_enrol_refuse(rq, "identity_free", CB_E_DCR_METADATA,
                           "a client with this subject is registered already", err);
}

/* Who comes back with a new statement is the client that was suspended for the end of the old one. Of several
 * at once one wins, by the revision. */
static cb_status renew(const struct cb_app *app, struct cb_request *rq, const struct cb_client *twin,
                       struct cb_client_record *record, struct cb_err *err)
{
    struct cb_store *store = cb_app_services(app)->store;
    struct cb_client_record before = { .revision = 0 };
    struct cb_err why = { 0 };
    bool may = false;
    if (CB_FAILED(cb_store_client_get(store, rq->arena, twin->id, &before, &why))) {
        CB_ENSURE(why.code == CB_E_NOT_FOUND, why.code, "%.200s", why.detail);
        return refuse_taken(rq, err);
    }
    CB_TRY(may_renew(rq, &before, record, &may, err));
    if (!may) {
        return refuse_taken(rq, err);
    }
    if (record->statement_issued_at < before.statement_issued_at) {
        return cb_enrol_refuse(rq, "statement_newest", CB_E_DCR_STATEMENT, CB_STATEMENT_SUPERSEDED, err);
    }
    record->client_id = before.client_id;
    record->created_at = before.created_at;
    record->revision = before.revision;
    record->enabled = before.enabled;
    record->issuer_key = before.issuer_key;
    if (CB_FAILED(cb_store_client_update(store, record, &why))) {
        const bool late = why.code == CB_E_CHANGED_MEANWHILE || why.code == CB_E_NOT_FOUND;
        CB_ENSURE(late || why.code == CB_E_EXISTS, why.code, "%.200s", why.detail);
        return refuse_taken(rq, err);
    }
    record->revision++;
    return CB_OK;
}

/* Whom the operator has disabled does not come back under another name or with other keys. */
static cb_status check_software(struct cb_request *rq, const struct cb_client_record *r, struct cb_err *err)
{
    const struct cb_registry *registry = rq->snapshot->registry;
    for (size_t i = 0; r->software_id.n > 0 && i < cb_registry_count(registry); i++) {
        const struct cb_client *c = cb_registry_at(registry, i);
        if (!c->enabled && cb_str_eq(c->directory, r->directory) &&
            cb_str_eq(c->software_id, r->software_id)) {
            return cb_enrol_refuse(rq, "software_enabled", CB_E_DCR_UNAPPROVED,
                                   "the operator has disabled a client of this software", err);
        }
    }
    return CB_OK;
}

static cb_status add(const struct cb_app *app, struct cb_request *rq, struct cb_client_record *record,
                     struct cb_err *err)
{
    struct cb_err why = { 0 };
    const struct cb_client *twin = find_twin(rq, record);
    if (twin != NULL) {
        return renew(app, rq, twin, record, err);
    }
    if (!CB_FAILED(cb_store_client_add(cb_app_services(app)->store, record, &why))) {
        return CB_OK;
    }
    CB_ENSURE(why.code == CB_E_EXISTS, why.code, "%.200s", why.detail);
    return refuse_taken(rq, err); /* of another directory, or since this request began */
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
    CB_TRY(check_software(rq, &e->record, err));
    CB_TRY(cb_enrol_use_once(app, rq, e, err));
    CB_TRY(cb_registration_token_new(rq->arena, &token, &e->record.registration_token_hash, err));
    CB_TRY(add(app, rq, &e->record, err));
    cb_certificate_note_use(app, rq, e->record.client_id);
    cb_app_settle(app, e->record.client_id, e->record.revision);
    return cb_enrol_answer(rq, &e->record, token, 201, out, err);
}
