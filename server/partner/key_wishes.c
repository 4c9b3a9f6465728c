#include "partner/key_wishes.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"

enum {
    MOST = 1024, /* clients whose last wish is remembered */
    PAUSE_S = 60,
};

enum state { FREE, ASKED, TAKEN, DONE };

struct wish {
    enum state state;
    char client_id[CB_LIMIT_CLIENT_ID];
    size_t n;
    int64_t done_at;
    bool brought_new;
    bool was_second; /* in its minute */
};

struct cb_key_wishes {
    pthread_mutex_t lock;
    struct wish wishes[MOST];
};

struct cb_key_wishes *cb_key_wishes_new(void)
{
    struct cb_key_wishes *w = calloc(1, sizeof *w);
    if (w != NULL) {
        (void)pthread_mutex_init(&w->lock, NULL);
    }
    return w;
}

void cb_key_wishes_free(struct cb_key_wishes *w)
{
    if (w != NULL) {
        (void)pthread_mutex_destroy(&w->lock);
        free(w);
    }
}

static bool is_over(const struct wish *w, int64_t now)
{
    return w->state == DONE && now - w->done_at >= PAUSE_S;
}

static struct wish *find(struct cb_key_wishes *w, struct cb_str client_id)
{
    for (size_t i = 0; i < MOST; i++) {
        struct wish *one = &w->wishes[i];
        if (one->state != FREE && cb_str_eq(client_id, (struct cb_str){ one->client_id, one->n })) {
            return one;
        }
    }
    return NULL;
}

/* A place for a new wish; NULL when a thousand clients have one already. */
static struct wish *place(struct cb_key_wishes *w, int64_t now)
{
    for (size_t i = 0; i < MOST; i++) {
        if (w->wishes[i].state == FREE || is_over(&w->wishes[i], now)) {
            return &w->wishes[i];
        }
    }
    return NULL;
}

/* Who has just published a key may publish another; a set that differs with every reading is no reason to
 * read it, and the registry with it, for every request. */
static bool ask_once_more(struct wish *one)
{
    if (!one->brought_new || one->was_second) {
        return false;
    }
    one->state = ASKED;
    one->was_second = true;
    return true;
}

static bool ask(struct cb_key_wishes *w, struct cb_str client_id, int64_t now)
{
    struct wish *one = find(w, client_id);
    if (one != NULL && !is_over(one, now)) {
        return one->state != DONE || ask_once_more(one);
    }
    one = one != NULL ? one : place(w, now);
    if (one == NULL || client_id.n > sizeof one->client_id) {
        return false;
    }
    *one = (struct wish){ .state = ASKED, .n = client_id.n };
    memcpy(one->client_id, client_id.p, client_id.n);
    return true;
}

bool cb_key_wish(struct cb_key_wishes *w, struct cb_str client_id, int64_t now)
{
    (void)pthread_mutex_lock(&w->lock);
    const bool pending = ask(w, client_id, now);
    (void)pthread_mutex_unlock(&w->lock);
    return pending;
}

bool cb_key_wishes_take(struct cb_key_wishes *w, struct cb_arena *a, struct cb_str *out_client_id)
{
    bool found = false;
    (void)pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < MOST && !found; i++) {
        struct wish *one = &w->wishes[i];
        if (one->state == ASKED) {
            *out_client_id = cb_arena_str(a, (struct cb_str){ one->client_id, one->n });
            found = out_client_id->p != NULL;
            one->state = found ? TAKEN : ASKED;
        }
    }
    (void)pthread_mutex_unlock(&w->lock);
    return found;
}

void cb_key_wish_done(struct cb_key_wishes *w, struct cb_str client_id, bool brought_new, int64_t now)
{
    (void)pthread_mutex_lock(&w->lock);
    struct wish *one = find(w, client_id);
    if (one != NULL) {
        one->state = DONE;
        one->done_at = now;
        one->brought_new = brought_new;
    }
    (void)pthread_mutex_unlock(&w->lock);
}
