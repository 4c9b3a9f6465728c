#include "partner/revoked.h"

#include "jose/base64url.h"

/* The word of the certificate itself, by way of whoever presented it, counts more than what somebody typed.
 */
static cb_status look_up(struct cb_store *s, struct cb_arena *a, struct cb_revocation_record *r,
                         struct cb_err *err)
{
    struct cb_seen_certificate seen = { .not_after = 0 };
    struct cb_err why = { 0 };
    if (!CB_FAILED(cb_store_certificate_find(s, a, r->x5t, &seen, &why))) {
        r->client_id = seen.client_id;
        r->expires_at = seen.not_after;
        return CB_OK;
    }
    CB_ENSURE(why.code == CB_E_NOT_FOUND, why.code, "%s", why.detail);
    return CB_OK;
}

static bool has_authority(const struct cb_trust *t, const struct cb_x5t *x5t)
{
    for (size_t i = 0; i < cb_trust_anchor_count(t); i++) {
        if (cb_x5t_eq(&cb_trust_anchor_at(t, i)->x5t, x5t)) {
            return true;
        }
    }
    for (size_t i = 0; i < cb_trust_intermediate_count(t); i++) {
        if (cb_x5t_eq(&cb_trust_intermediate_at(t, i)->x5t, x5t)) {
            return true;
        }
    }
    return false;
}

static cb_status refuse_authority(const struct cb_trust_groups *trust, const struct cb_x5t *x5t,
                                  struct cb_err *err)
{
    const size_t count = trust == NULL ? 0 : cb_trust_groups_count(trust);
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        CB_ENSURE(
            !has_authority(cb_trust_groups_at(trust, i, &name), x5t), CB_E_REGISTRATION,
            "certificate: an authority of trust group %.60s; what it issued would stay good. Take it out "
            "of the group",
            name);
    }
    return CB_OK;
}

cb_status cb_certificate_revoke(struct cb_store *s, const struct cb_trust_groups *trust, struct cb_arena *a,
                                const struct cb_revocation_wish *wish, int64_t now,
                                struct cb_revocation_record *out, struct cb_err *err)
{
    struct cb_revocation_record r = {
        .x5t = cb_arena_str(a, (struct cb_str){ (const char *)wish->x5t.b, sizeof wish->x5t.b }),
        .reason = wish->reason,
        .revoked_at = now,
        .expires_at = wish->not_after == 0 ? CB_NO_END : wish->not_after,
    };
    CB_ENSURE(r.x5t.p != NULL, CB_E_MEMORY, "revocation");
    CB_TRY(refuse_authority(trust, &wish->x5t, err));
    CB_TRY(look_up(s, a, &r, err));
    CB_TRY(cb_store_revocation_add(s, &r, err));
    *out = r;
    return CB_OK;
}

void cb_revocation_json(const struct cb_revocation_record *r, struct cb_json_out *j)
{
    char x5t[CB_X5T_TEXT] = "";
    cb_base64url_encode(r->x5t.p, r->x5t.n, x5t);
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "x5t#S256", x5t);
    if (r->client_id.n > 0) {
        cb_json_put_str(j, "client_id", r->client_id);
    }
    if (r->reason.n > 0) {
        cb_json_put_str(j, "reason", r->reason);
    }
    cb_json_put_time(j, "revoked_at", r->revoked_at);
    if (r->expires_at != CB_NO_END) {
        cb_json_put_time(j, "expires_at", r->expires_at);
    }
    cb_json_close(j, '}');
}
