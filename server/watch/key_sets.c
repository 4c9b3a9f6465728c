/* The key sets that self_signed_tls_client_auth clients publish: RFC 8705 section 2.2.2. What is there is
 * checked before it takes the place of what was there before; a failure changes nothing. */
#include "base/clock.h"
#include "base/limits.h"
#include "partner/self_signed.h"
#include "watch/parts.h"

static cb_status read_set(struct cb_watch *w, struct cb_arena *a, struct cb_key_set_read *read,
                          const char *url, bool *out_changed, struct cb_err *err)
{
    struct cb_buf body CB_AUTO(cb_buf_done);
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&body, CB_LIMIT_JWK_SET);
    cb_buf_init(&problems, CB_MIB);
    const struct cb_fetch rq = { .url = url, .accept = "application/jwk-set+json, application/json" };
    CB_TRY(cb_fetch(w->o.services->fetcher, &rq, &body, err));
    read->jwks = cb_buf_str(&body);
    CB_TRY(cb_self_signed_check(a, read->jwks, &problems, err));
    CB_TRY(cb_self_signed_certificates(a, read->jwks, &read->certificates, err));
    return cb_store_client_set_jwks(w->o.services->store, read, out_changed, err);
}

/* Where the client publishes now. The snapshot is not held while somebody else is waited for. */
static const char *url_of(struct cb_watch *w, struct cb_arena *a, struct cb_str client_id)
{
    const struct cb_snapshot *s = w->o.hold(w->o.ctx);
    const struct cb_client *c = s->registry == NULL ? NULL : cb_registry_find(s->registry, client_id);
    const char *url = c == NULL || c->jwks_uri.n == 0 ? NULL : cb_arena_cstr(a, c->jwks_uri);
    w->o.release(s);
    return url;
}

/* True: something else is there than before. */
static bool refresh(struct cb_watch *w, struct cb_str client_id)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_err err = { 0 };
    bool changed = false;
    cb_arena_init(&a, 4 * CB_MIB);
    const char *url = url_of(w, &a, client_id);
    if (url == NULL) {
        return false;
    }
    struct cb_key_set_read read = { .client_id = client_id, .jwks_uri = cb_str_of(url) };
    if (CB_FAILED(read_set(w, &a, &read, url, &changed, &err))) {
        if (!cb_fetcher_is_stopped(w->o.services->fetcher)) {
            CB_LOG(w->o.services->log, CB_EV_CLIENT_KEYS_FAILED, &err, CB_F_STR("client_id", client_id));
        }
    } else if (changed) {
        CB_LOG(w->o.services->log, CB_EV_CLIENT_KEYS_READ, NULL, CB_F_STR("client_id", client_id));
    }
    return changed;
}

void cb_watch_read_key_set(void *watch, struct cb_str client_id, bool wished)
{
    struct cb_watch *w = watch;
    if (cb_fetcher_is_stopped(w->o.services->fetcher)) {
        return;
    }
    const bool changed = refresh(w, client_id);
    if (wished) {
        cb_key_wish_done(w->o.services->wishes, client_id, changed, cb_clock_unix());
    }
}

void cb_watch_wished_key_sets(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    struct cb_arena a CB_AUTO(cb_arena_done);
    (void)now;
    cb_arena_init(&a, CB_MIB);
    for (struct cb_str id; cb_key_wishes_take(w->o.services->wishes, &a, &id);) {
        cb_key_readers_add(w->readers, id, true);
    }
}

void cb_watch_all_key_sets(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    if (now < w->next_round || cb_key_readers_are_busy(w->readers)) {
        return;
    }
    const struct cb_snapshot *s = w->o.hold(w->o.ctx);
    const size_t n = s->registry == NULL ? 0 : cb_registry_count(s->registry);
    for (size_t i = 0; i < n; i++) {
        const struct cb_client *c = cb_registry_at(s->registry, i);
        if (c->jwks_uri.n > 0) {
            cb_key_readers_add(w->readers, c->id, false);
        }
    }
    if (s->registry != NULL) {
        w->next_round = now + s->config->jwks_refresh_s;
    }
    w->o.release(s);
}
