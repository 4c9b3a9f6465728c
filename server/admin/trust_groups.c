#include "admin/parts.h"
#include "partner/trust_json.h"

static void put_failure(struct cb_json_out *j, enum cb_code failure)
{
    if (failure != CB_E_NONE) {
        cb_json_put_cstr(j, "failure", cb_code_reason(failure));
    }
}

static void put_list(struct cb_json_out *j, const struct cb_revocation_list *l)
{
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "location", l->location);
    if (l->facts != NULL) {
        cb_json_put_time(j, "this_update", l->facts->this_update);
        cb_json_put_time(j, "next_update", l->facts->next_update);
        cb_json_put_int(j, "entries", (int64_t)l->facts->entries);
        cb_json_put_time(j, "loaded_at", l->loaded_at);
    }
    put_failure(j, l->failure);
    cb_json_close(j, '}');
}

static void put_lists(struct cb_json_out *j, const struct cb_revocation_view *v, const char *group)
{
    cb_json_key(j, "lists");
    cb_json_open(j, '[');
    for (size_t i = 0; i < cb_revocation_list_count(v); i++) {
        const struct cb_revocation_list l = cb_revocation_list_at(v, i);
        if (cb_str_is(cb_str_of(l.group), group)) {
            put_list(j, &l);
        }
    }
    cb_json_close(j, ']');
}

static void put_responder(struct cb_json_out *j, const struct cb_revocation_responder *r)
{
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "origin", r->origin);
    cb_json_put_int(j, "good", (int64_t)r->good);
    cb_json_put_int(j, "revoked", (int64_t)r->revoked);
    cb_json_put_int(j, "unknown", (int64_t)r->unknown);
    cb_json_put_int(j, "waiting", (int64_t)r->waiting);
    if (r->next_update != INT64_MAX) {
        cb_json_put_time(j, "next_update", r->next_update);
    }
    put_failure(j, r->failure);
    cb_json_close(j, '}');
}

static void put_responders(struct cb_json_out *j, const struct cb_revocation_view *v, const char *group)
{
    cb_json_key(j, "responders");
    cb_json_open(j, '[');
    for (size_t i = 0; i < cb_revocation_responder_count(v); i++) {
        const struct cb_revocation_responder r = cb_revocation_responder_at(v, i);
        if (cb_str_is(cb_str_of(r.group), group)) {
            put_responder(j, &r);
        }
    }
    cb_json_close(j, ']');
}

static void put_group(struct cb_json_out *j, const struct cb_snapshot *s,
                      const struct cb_config_trust_group *g, const struct cb_trust *t)
{
    cb_json_open(j, '{');
    cb_trust_group_json(g, t, j);
    cb_json_put_int(j, "generation", (int64_t)s->trust_generation);
    cb_json_key(j, "revocation");
    cb_json_open(j, '{');
    cb_revocation_policy_json(&g->revocation, j);
    put_lists(j, s->revocation, g->name);
    put_responders(j, s->revocation, g->name);
    cb_json_close(j, '}');
    cb_json_close(j, '}');
}

cb_status cb_admin_trust_groups_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    (void)app;
    const struct cb_snapshot *s = rq->snapshot;
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "trust groups");
    struct cb_json_out j = cb_json_out(text);
    cb_json_open(&j, '{');
    cb_json_put_int(&j, "generation", (int64_t)s->generation);
    cb_json_key(&j, "trust_groups");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < s->config->trust_group_count; i++) {
        const struct cb_config_trust_group *g = &s->config->trust_groups[i];
        const struct cb_trust *t = cb_trust_groups_find(s->trust, cb_str_of(g->name));
        if (t != NULL) { /* swapped as one: it is there */
            put_group(&j, s, g, t);
        }
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    return cb_admin_reply(200, text, out, err);
}
