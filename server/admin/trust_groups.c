#include "admin/parts.h"
#include "base/limits.h"
#include "cert/name.h"

static void put_authority(struct cb_request *rq, struct cb_json_out *j, const struct cb_authority *a)
{
    const struct cb_name *name = NULL;
    char x5t[CB_X5T_TEXT], key[CB_KEY_HASH_TEXT];
    struct cb_buf subject CB_AUTO(cb_buf_done);
    cb_buf_init(&subject, CB_LIMIT_SUBJECT);
    if (!CB_FAILED(cb_name_from_der(rq->arena, a->subject, &name, NULL))) {
        cb_name_print(name, &subject);
    }
    cb_x5t_text(&a->x5t, x5t);
    cb_key_hash_text(&a->key, key);
    cb_json_open(j, '{');
    cb_json_put_str(j, "subject", cb_buf_str(&subject));
    cb_json_put_cstr(j, "x5t#S256", x5t);
    cb_json_put_cstr(j, "issuer_key", key);
    cb_json_put_time(j, "not_before", a->not_before);
    cb_json_put_time(j, "not_after", a->not_after);
    cb_json_close(j, '}');
}

static void put_authorities(struct cb_request *rq, struct cb_json_out *j, const char *name,
                            const struct cb_trust *t, size_t count,
                            const struct cb_authority *(*at)(const struct cb_trust *, size_t))
{
    cb_json_key(j, name);
    cb_json_open(j, '[');
    for (size_t i = 0; i < count; i++) {
        put_authority(rq, j, at(t, i));
    }
    cb_json_close(j, ']');
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
    if (l->failure != CB_E_NONE) {
        cb_json_put_cstr(j, "failure", cb_code_reason(l->failure));
    }
    cb_json_close(j, '}');
}

static void put_revocation(struct cb_json_out *j, const struct cb_snapshot *s,
                           const struct cb_config_trust_group *g)
{
    cb_json_key(j, "revocation");
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "check", g->revocation.check);
    cb_json_put_int(j, "grace_seconds", g->revocation.grace_s);
    cb_json_key(j, "lists");
    cb_json_open(j, '[');
    const size_t n = s->revocation == NULL ? 0 : cb_revocation_list_count(s->revocation);
    for (size_t i = 0; i < n; i++) {
        const struct cb_revocation_list l = cb_revocation_list_at(s->revocation, i);
        if (cb_str_is(cb_str_of(l.group), g->name)) {
            put_list(j, &l);
        }
    }
    cb_json_close(j, ']');
    cb_json_close(j, '}');
}

static void put_group(struct cb_request *rq, struct cb_json_out *j, const struct cb_config_trust_group *g)
{
    const struct cb_trust *t = cb_trust_groups_find(rq->snapshot->trust, cb_str_of(g->name));
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "name", g->name);
    cb_json_put_cstr(j, "profile", g->profile);
    cb_json_put_int(j, "depth", g->depth);
    if (t != NULL) {
        put_authorities(rq, j, "anchors", t, cb_trust_anchor_count(t), cb_trust_anchor_at);
        put_authorities(rq, j, "intermediates", t, cb_trust_intermediate_count(t), cb_trust_intermediate_at);
    }
    put_revocation(j, rq->snapshot, g);
    cb_json_close(j, '}');
}

cb_status cb_admin_trust_groups_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err)
{
    (void)app;
    const struct cb_config *c = rq->snapshot->config;
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "trust groups");
    struct cb_json_out j = cb_json_out(text);
    cb_json_open(&j, '{');
    cb_json_put_int(&j, "generation", (int64_t)rq->snapshot->generation);
    cb_json_key(&j, "trust_groups");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < c->trust_group_count; i++) {
        put_group(rq, &j, &c->trust_groups[i]);
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    return cb_admin_reply(200, text, out, err);
}
