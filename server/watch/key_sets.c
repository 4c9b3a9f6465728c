/* The key sets that self_signed_tls_client_auth clients publish: RFC 8705 section 2.2.2. What is there is
 * checked before it takes the place of what was there before; a failure changes nothing. */
#include "base/limits.h"
#include "partner/self_signed.h"
#include "watch/parts.h"

static cb_status read_set(struct cb_watch *w, const struct cb_client *c, bool *out_changed,
                          struct cb_err *err)
{
    struct cb_buf body CB_AUTO(cb_buf_done);
    struct cb_buf problems CB_AUTO(cb_buf_done);
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_certificate_list certificates = { .count = 0 };
    cb_buf_init(&body, CB_LIMIT_JWK_SET);
    cb_buf_init(&problems, CB_MIB);
    cb_arena_init(&a, 4 * CB_MIB);
    char *url = cb_arena_alloc(&a, c->jwks_uri.n + 1);
    CB_ENSURE(url != NULL, CB_E_MEMORY, "jwks_uri");
    memcpy(url, c->jwks_uri.p, c->jwks_uri.n);
    url[c->jwks_uri.n] = '\0';
    const struct cb_fetch rq = { .url = url, .accept = "application/jwk-set+json, application/json" };
    CB_TRY(cb_fetch(w->o.services->fetcher, &rq, &body, err));
    CB_TRY(cb_self_signed_check(&a, cb_buf_str(&body), &problems, err));
    CB_TRY(cb_self_signed_certificates(&a, cb_buf_str(&body), &certificates, err));
    return cb_store_client_set_jwks(w->o.services->store, c->id, cb_buf_str(&body), &certificates,
                                    out_changed, err);
}

/* True: something else is there than before. */
static bool refresh(struct cb_watch *w, const struct cb_client *c)
{
    struct cb_err err = { 0 };
    bool changed = false;
    if (CB_FAILED(read_set(w, c, &changed, &err))) {
        CB_LOG(w->o.services->log, CB_EV_CLIENT_KEYS_FAILED, &err, CB_F_STR("client_id", c->id));
    } else if (changed) {
        CB_LOG(w->o.services->log, CB_EV_CLIENT_KEYS_READ, NULL, CB_F_STR("client_id", c->id));
    }
    return changed;
}

void cb_watch_wished_key_sets(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    struct cb_arena a CB_AUTO(cb_arena_done);
    cb_arena_init(&a, CB_MIB);
    for (struct cb_str id; cb_key_wishes_take(w->o.services->wishes, &a, &id);) {
        const struct cb_snapshot *s = w->o.hold(w->o.ctx);
        const struct cb_client *c = s->registry == NULL ? NULL : cb_registry_find(s->registry, id);
        const bool changed = c != NULL && c->jwks_uri.n > 0 && refresh(w, c);
        w->o.release(s);
        cb_key_wish_done(w->o.services->wishes, id, changed, now);
    }
}

void cb_watch_all_key_sets(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    if (now < w->next_round) {
        return;
    }
    const struct cb_snapshot *s = w->o.hold(w->o.ctx);
    const size_t n = s->registry == NULL ? 0 : cb_registry_count(s->registry);
    for (size_t i = 0; i < n && !cb_fetcher_is_stopped(w->o.services->fetcher); i++) {
        const struct cb_client *c = cb_registry_at(s->registry, i);
        if (c->jwks_uri.n > 0) {
            (void)refresh(w, c);
            cb_watch_wished_key_sets(w, now); /* somebody waits for these */
        }
    }
    if (s->registry != NULL) {
        w->next_round = now + s->config->jwks_refresh_s;
    }
    w->o.release(s);
}
