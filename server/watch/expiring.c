/* Looks at every certificate there is, and tells of those that end soon. */
#include "base/clock.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "cert/name.h"
#include "jose/base64url.h"
#include "watch/parts.h"

enum { DAY_S = 24 * 3600, PAGE = 100, LOOK_AHEAD_DAYS = 31, PAUSE_S = 3600, RETRY_S = 60 };

/* One certificate, from whatever source. */
struct ending {
    enum cb_certificate_kind kind;
    struct cb_str of; /* the client, the listener, the trust group */
    struct cb_str subject;
    struct cb_x5t x5t;
    struct cb_lifetime life;
    bool not_seen; /* the client has registered it and not used it yet */
    bool replaced; /* the client was seen with another that ends later, and still with this one */
};

static void tell_webhook(struct cb_watch *w, const struct cb_snapshot *s, const struct ending *c,
                         int64_t days, int step, int64_t now)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    char x5t[CB_X5T_TEXT], id[CB_X5T_TEXT + 8];
    struct cb_buf id_text;
    cb_x5t_text(&c->x5t, x5t);
    cb_buf_over(&id_text, id, sizeof id);
    cb_buf_add_fmt(&id_text, "%s-%d", x5t, cb_expiry_steps[step]);
    cb_buf_init(&text, 16 * CB_KIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "id", cb_buf_str(&id_text)); /* the same from every node, and after a restart */
    cb_json_put_cstr(&j, "type", "certificate_expiring");
    cb_json_put_cstr(&j, "issuer", s->config->issuer);
    cb_json_put_time(&j, "time", now);
    cb_json_put_cstr(&j, "kind", cb_certificate_kind_name(c->kind));
    cb_json_put_str(&j, "of", c->of);
    cb_json_put_str(&j, "subject", c->subject);
    cb_json_put_cstr(&j, "x5t#S256", x5t);
    cb_json_put_time(&j, "not_after", c->life.not_after);
    cb_json_put_int(&j, "days_left", days);
    cb_json_put_bool(&j, "not_seen", c->not_seen);
    cb_json_put_bool(&j, "replaced", c->replaced);
    cb_json_close(&j, '}');
    if (!text.failed && s->config->expiry_webhook != NULL) {
        cb_webhook_add(w->webhook, cb_buf_str(&text), now);
    }
}

static void look_at(struct cb_watch *w, const struct cb_snapshot *s, const struct ending *c, int64_t now)
{
    const int step = cb_expiry_note(&w->expiry, c->kind, &c->x5t, c->life, now);
    if (step < 0) {
        return;
    }
    char x5t[CB_X5T_TEXT], end[CB_TIME_TEXT];
    const int64_t days = cb_days_left(c->life.not_after, now);
    cb_x5t_text(&c->x5t, x5t);
    cb_time_text(c->life.not_after, end);
    CB_LOG(w->o.services->log, CB_EV_CERTIFICATE_EXPIRING, NULL,
           CB_F_CSTR("kind", cb_certificate_kind_name(c->kind)), CB_F_STR("of", c->of),
           CB_F_STR("subject", c->subject), CB_F_CSTR("x5t", x5t), CB_F_CSTR("not_after", end),
           CB_F_INT("days_left", days), CB_F_BOOL("not_seen", c->not_seen),
           CB_F_BOOL("replaced", c->replaced));
    tell_webhook(w, s, c, days, step, now);
}

/* --- the clients' --- */

struct page {
    struct cb_arena *arena;
    struct cb_seen_certificate all[PAGE];
    size_t count;
};

static cb_status keep(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    struct page *p = ctx;
    struct cb_seen_certificate *kept = &p->all[p->count];
    *kept = *c;
    kept->client_id = cb_arena_str(p->arena, c->client_id);
    kept->x5t = cb_arena_str(p->arena, c->x5t);
    kept->subject = cb_arena_str(p->arena, c->subject);
    CB_ENSURE(kept->client_id.p != NULL && kept->x5t.p != NULL && kept->subject.p != NULL, CB_E_MEMORY,
              "certificates seen");
    p->count++;
    return CB_OK;
}

static void look_at_client(struct cb_watch *w, const struct cb_snapshot *s,
                           const struct cb_seen_certificate *c, int64_t now)
{
    struct ending e = { .kind = CB_OF_CLIENT,
                        .of = c->client_id,
                        .subject = c->subject,
                        .life = { c->not_before, c->not_after },
                        .not_seen = c->first_seen == 0,
                        .replaced = c->replaced_at != 0 };
    const bool in_use = now - c->last_seen < DAY_S, ended = c->not_after < now;
    if (c->not_after < now - DAY_S || (e.replaced && (ended || !in_use))) {
        return; /* old news, or nobody needs it */
    }
    memcpy(e.x5t.b, c->x5t.p, sizeof e.x5t.b);
    look_at(w, s, &e, now);
}

static cb_status look_at_clients(struct cb_watch *w, const struct cb_snapshot *s, int64_t now,
                                 struct cb_err *err)
{
    struct cb_certificate_page next = { .ends_before = now + LOOK_AHEAD_DAYS * (int64_t)DAY_S,
                                        .limit = PAGE };
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct page p = { .arena = &a, .count = PAGE };
    cb_arena_init(&a, 64 * CB_MIB);
    while (p.count == PAGE) {
        p.count = 0;
        CB_TRY(cb_store_certificate_page(w->o.services->store, &next, keep, &p, err));
        for (size_t i = 0; i < p.count; i++) {
            look_at_client(w, s, &p.all[i], now);
        }
        if (p.count > 0) {
            next.after = p.all[p.count - 1];
        }
    }
    return CB_OK;
}

/* --- the server's own, and the anchors --- */

static struct cb_str text_of(struct cb_arena *a, const struct cb_name *name)
{
    struct cb_buf text;
    char *memory = cb_arena_alloc(a, CB_LIMIT_SUBJECT);
    cb_buf_over(&text, memory, memory == NULL ? 0 : CB_LIMIT_SUBJECT);
    if (name != NULL) {
        cb_name_print(name, &text);
    }
    return text.failed ? CB_STR("") : cb_buf_str(&text);
}

/* Leaf and intermediates: a handshake with an expired one fails as well. */
static cb_status look_at_file(struct cb_watch *w, const struct cb_snapshot *s, const char *path, int64_t now,
                              struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_str pem = { 0 }, *ders = NULL;
    size_t count = 0;
    cb_arena_init(&a, 4 * CB_LIMIT_PEM_FILE);
    CB_TRY(cb_file_read(&a, path, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(&a, pem, &ders, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct cb_cert cert = { 0 };
        CB_TRY(cb_cert_parse(&a, ders[i], &cert, err));
        const struct ending e = { .kind = CB_OF_SERVER,
                                  .of = cb_str_of(path),
                                  .subject = text_of(&a, cert.subject),
                                  .x5t = cert.x5t,
                                  .life = { cert.not_before, cert.not_after } };
        look_at(w, s, &e, now);
    }
    return CB_OK;
}

static void look_at_listeners(struct cb_watch *w, const struct cb_snapshot *s, int64_t now)
{
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        const char *path = s->config->listeners[i].certificate;
        struct cb_err err = { 0 };
        if (path != NULL && CB_FAILED(look_at_file(w, s, path, now, &err))) {
            CB_LOG(w->o.services->log, CB_EV_EXPIRY_UNKNOWN, &err, CB_F_CSTR("of", path));
        }
    }
}

static void look_at_authority(struct cb_watch *w, const struct cb_snapshot *s, const char *group,
                              const struct cb_authority *authority, int64_t now)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    const struct cb_name *name = NULL;
    cb_arena_init(&a, CB_MIB);
    if (CB_FAILED(cb_name_from_der(&a, authority->subject, &name, NULL))) {
        name = NULL; /* an anchor may be called whatever its owner likes */
    }
    const struct ending e = { .kind = CB_OF_ANCHOR,
                              .of = cb_str_of(group),
                              .subject = text_of(&a, name),
                              .x5t = authority->x5t,
                              .life = { authority->not_before, authority->not_after } };
    look_at(w, s, &e, now);
}

static void look_at_groups(struct cb_watch *w, const struct cb_snapshot *s, int64_t now)
{
    for (size_t i = 0; i < cb_trust_groups_count(s->trust); i++) {
        const char *name = NULL;
        const struct cb_trust *t = cb_trust_groups_at(s->trust, i, &name);
        for (size_t k = 0; k < cb_trust_anchor_count(t); k++) {
            look_at_authority(w, s, name, cb_trust_anchor_at(t, k), now);
        }
        for (size_t k = 0; k < cb_trust_intermediate_count(t); k++) {
            look_at_authority(w, s, name, cb_trust_intermediate_at(t, k), now);
        }
    }
}

static void look_at_all(struct cb_watch *w, const struct cb_snapshot *s, int64_t now)
{
    struct cb_err err = { 0 };
    cb_expiry_begin(&w->expiry);
    w->looked_with = s->config;
    const bool all = !CB_FAILED(look_at_clients(w, s, now, &err));
    w->next_look = now + (all ? PAUSE_S : RETRY_S);
    if (!all) {
        CB_LOG(w->o.services->log, CB_EV_EXPIRY_UNKNOWN, &err, CB_F_CSTR("of", "clients"));
    }
    look_at_listeners(w, s, now);
    look_at_groups(w, s, now);
    cb_expiry_end(&w->expiry, all);
    (void)pthread_mutex_lock(&w->lock);
    w->counts = w->expiry.counts;
    (void)pthread_mutex_unlock(&w->lock);
}

/* A reload may have brought other certificates: whoever mended what ends soon wants to see it. */
void cb_watch_expiring(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    const struct cb_snapshot *s = w->o.hold(w->o.ctx);
    if (now >= w->next_look || s->config != w->looked_with) {
        look_at_all(w, s, now);
    }
    w->o.release(s);
}

void cb_watch_webhook(void *watch, int64_t now)
{
    struct cb_watch *w = watch;
    const struct cb_snapshot *s = w->o.hold(w->o.ctx);
    if (s->ring != NULL && cb_ring_signer(s->ring, now) != NULL) { /* not before the store was read once */
        cb_webhook_deliver(w->webhook, w->o.services->fetcher, s, now);
    }
    w->o.release(s);
}
