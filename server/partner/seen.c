#include "partner/seen.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "partner/describe.h"

enum {
    SLOTS = 32768, /* a power of two; at most half are used */
    STALE_S = 3600,
};

struct entry {
    char *client_id; /* NULL: empty */
    char *subject, *issuer, *serial;
    struct cb_x5t x5t;
    struct cb_key_hash issuer_key;
    bool has_issuer_key;
    int64_t not_before, not_after, first_seen, last_seen;
    int64_t kept_last_seen; /* what the store has; 0: nothing */
};

struct cb_seen {
    pthread_mutex_t lock;
    size_t count;
    bool any_kept; /* since the last time that room was made */
    struct entry *slots;
};

struct cb_seen *cb_seen_new(void)
{
    struct cb_seen *s = calloc(1, sizeof *s);
    struct entry *slots = calloc(SLOTS, sizeof *slots);
    if (s == NULL || slots == NULL) {
        free(s);
        free(slots);
        return NULL;
    }
    s->slots = slots;
    (void)pthread_mutex_init(&s->lock, NULL);
    return s;
}

static void entry_done(struct entry *e)
{
    free(e->client_id);
    free(e->subject);
    free(e->issuer);
    free(e->serial);
    *e = (struct entry){ 0 };
}

void cb_seen_free(struct cb_seen *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        entry_done(&s->slots[i]);
    }
    (void)pthread_mutex_destroy(&s->lock);
    free(s->slots);
    free(s);
}

/* The entry, or the empty one where it belongs. Thumbprints are digests: their first octets are hash enough.
 */
static struct entry *find(struct cb_seen *s, struct cb_str client_id, const struct cb_x5t *x5t)
{
    size_t at = 0;
    memcpy(&at, x5t->b, sizeof at);
    for (at &= SLOTS - 1; s->slots[at].client_id != NULL; at = (at + 1) & (SLOTS - 1)) {
        struct entry *e = &s->slots[at];
        if (cb_x5t_eq(&e->x5t, x5t) && cb_str_is(client_id, e->client_id)) {
            break;
        }
    }
    return &s->slots[at];
}

static char *copy_of(struct cb_str s)
{
    return strndup(s.n == 0 ? "" : s.p, s.n);
}

static bool fill(struct entry *e, struct cb_str client_id, const struct cb_cert *cert,
                 const struct cb_key_hash *issuer_key, int64_t now)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_seen_certificate c = { .first_seen = 0 };
    cb_arena_init(&a, 4 * CB_LIMIT_SUBJECT);
    if (CB_FAILED(cb_certificate_describe(&a, cert, &c, NULL))) {
        return false;
    }
    *e = (struct entry){
        .client_id = copy_of(client_id),
        .subject = copy_of(c.subject),
        .issuer = copy_of(c.issuer),
        .serial = copy_of(c.serial),
        .x5t = cert->x5t,
        .has_issuer_key = issuer_key != NULL,
        .not_before = cert->not_before,
        .not_after = cert->not_after,
        .first_seen = now,
    };
    if (issuer_key != NULL) {
        e->issuer_key = *issuer_key;
    }
    return e->client_id != NULL && e->subject != NULL && e->issuer != NULL && e->serial != NULL;
}

static bool is_due(const struct entry *e)
{
    return e->client_id != NULL && (e->kept_last_seen == 0 || e->last_seen - e->kept_last_seen >= STALE_S);
}

/* What the store has may be forgotten here: seen again, it is one more row to bring up to date. */
static void forget_kept(struct cb_seen *s)
{
    struct entry *old = s->slots;
    struct entry *slots = calloc(SLOTS, sizeof *slots);
    if (slots == NULL) {
        return;
    }
    s->slots = slots;
    s->count = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        if (is_due(&old[i])) {
            *find(s, cb_str_of(old[i].client_id), &old[i].x5t) = old[i];
            s->count++;
        } else {
            entry_done(&old[i]);
        }
    }
    s->any_kept = false;
    free(old);
}

static struct entry *find_or_make_room(struct cb_seen *s, struct cb_str client_id, const struct cb_x5t *x5t)
{
    struct entry *e = find(s, client_id, x5t);
    if (e->client_id != NULL || s->count < SLOTS / 2 || !s->any_kept) {
        return e;
    }
    forget_kept(s);
    return find(s, client_id, x5t);
}

void cb_seen_note(struct cb_seen *s, struct cb_str client_id, const struct cb_cert *cert,
                  const struct cb_key_hash *issuer_key, int64_t now)
{
    (void)pthread_mutex_lock(&s->lock);
    struct entry *e = find_or_make_room(s, client_id, &cert->x5t);
    if (e->client_id == NULL && s->count < SLOTS / 2) {
        if (fill(e, client_id, cert, issuer_key, now)) {
            s->count++;
        } else {
            entry_done(e);
        }
    }
    if (e->client_id != NULL && now > e->last_seen) {
        e->last_seen = now;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

static bool copy_out(struct cb_arena *a, const struct entry *e, struct cb_seen_certificate *out)
{
    *out = (struct cb_seen_certificate){
        .client_id = cb_arena_str(a, cb_str_of(e->client_id)),
        .x5t = cb_arena_str(a, (struct cb_str){ (const char *)e->x5t.b, sizeof e->x5t.b }),
        .subject = cb_arena_str(a, cb_str_of(e->subject)),
        .issuer = cb_arena_str(a, cb_str_of(e->issuer)),
        .serial = cb_arena_str(a, cb_str_of(e->serial)),
        .not_before = e->not_before,
        .not_after = e->not_after,
        .first_seen = e->first_seen,
        .last_seen = e->last_seen,
    };
    if (e->has_issuer_key) {
        out->issuer_key =
            cb_arena_str(a, (struct cb_str){ (const char *)e->issuer_key.b, sizeof e->issuer_key.b });
    }
    return out->client_id.p != NULL && out->x5t.p != NULL && out->subject.p != NULL &&
           out->issuer.p != NULL && out->serial.p != NULL &&
           (!e->has_issuer_key || out->issuer_key.p != NULL);
}

size_t cb_seen_take(struct cb_seen *s, struct cb_arena *a, struct cb_seen_certificate *out, size_t max)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SLOTS && n < max; i++) {
        if (is_due(&s->slots[i]) && copy_out(a, &s->slots[i], &out[n])) {
            n++;
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
    return n;
}

void cb_seen_kept(struct cb_seen *s, const struct cb_seen_certificate *all, size_t count)
{
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < count; i++) {
        struct cb_x5t x5t;
        memcpy(x5t.b, all[i].x5t.p, sizeof x5t.b);
        struct entry *e = find(s, all[i].client_id, &x5t);
        if (e->client_id != NULL) {
            e->kept_last_seen = all[i].last_seen;
            s->any_kept = true;
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
}
