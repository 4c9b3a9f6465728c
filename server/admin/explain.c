#include "partner/explain.h"
#include "admin/parts.h"
#include "base/limits.h"

/* As sent; p == NULL: absent. */
struct sent {
    struct cb_str certificate, client_id, trust_group;
};

static const struct cb_admin_member members[] = {
    { "certificate", offsetof(struct sent, certificate) },
    { "client_id", offsetof(struct sent, client_id) },
    { "trust_group", offsetof(struct sent, trust_group) },
};

static cb_status check_revoked(void *ctx, const struct cb_config_trust_group *group,
                               const struct cb_trust_path *path, const struct cb_cert *leaf, int64_t now,
                               struct cb_err *err)
{
    const struct cb_snapshot *s = ctx;
    int64_t until = 0;
    return cb_revocation_check(s->revocation, group, path, leaf, now, &until, err);
}

static cb_status read_certificate(struct cb_request *rq, const struct sent *s, struct cb_explanation *e,
                                  struct cb_err *err)
{
    struct cb_err why = { 0 };
    struct cb_arena *a = cb_admin_arena(rq);
    CB_ENSURE(a != NULL, CB_E_MEMORY, "explanation");
    if (CB_FAILED(cb_explain_certificate(a, s->certificate, rq->now, e, &why))) {
        CB_ENSURE(cb_error_is_peers(why.code), why.code, "%.200s", why.detail);
        return cb_admin_refuse(rq, "certificate", why.detail, err);
    }
    return CB_OK;
}

static cb_status judge(struct cb_request *rq, const struct sent *s, struct cb_explanation *e,
                       struct cb_err *err)
{
    const struct cb_snapshot *snapshot = rq->snapshot;
    struct cb_err why = { 0 };
    const struct cb_explain_world world = {
        .config = snapshot->config,
        .trust = snapshot->trust,
        .revoked_here = cb_registry_is_revoked(snapshot->registry, &e->cert.x5t),
        .check_revoked = check_revoked,
        .ctx = (void *)(uintptr_t)snapshot,
    };
    e->only_client = s->client_id;
    if (s->client_id.n > 0 && cb_registry_find(snapshot->registry, s->client_id) == NULL) {
        return cb_admin_refuse(rq, "client_id", "there is no such client", err);
    }
    if (CB_FAILED(cb_explain_groups(e, &world, s->trust_group, &why))) {
        return why.code == CB_E_TRUST_GROUP_UNKNOWN
                   ? cb_admin_refuse(rq, "trust_group", "there is no such group", err)
                   : cb_admin_failed(rq, &why, err);
    }
    for (size_t i = 0; i < cb_registry_count(snapshot->registry); i++) {
        CB_TRY(cb_explain_client(e, cb_registry_at(snapshot->registry, i), err));
    }
    return cb_explain_near_misses(e, err);
}

cb_status cb_admin_explain_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                struct cb_err *err)
{
    (void)app;
    struct sent s = { .certificate = { 0 } };
    struct cb_explanation e = { .now = 0 };
    bool known = false;
    CB_TRY(cb_admin_members(rq, members, CB_COUNT(members), &s, &known, err));
    if (!known || s.certificate.p == NULL) {
        return cb_admin_refuse(
            rq, "body",
            "give certificate (PEM, its chain behind it), and client_id and trust_group if "
            "you like, each a string; nothing else",
            err);
    }
    CB_TRY(read_certificate(rq, &s, &e, err));
    CB_TRY(judge(rq, &s, &e, err));
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "explanation");
    struct cb_json_out j = cb_json_out(text);
    cb_explanation_json(&e, &j);
    return cb_admin_reply(200, text, out, err);
}
