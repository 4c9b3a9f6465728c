#include "onboarding/replay.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cert/x5t.h"

enum { SLOTS = 4096 }; /* 160 KiB; the registrations of an hour, not of a year */

struct used {
    struct cb_x5t hash; /* of signer and jti: as long as any, and says nothing */
    int64_t expires_at; /* 0: free */
};

struct cb_replay {
    pthread_mutex_t lock;
    struct used slots[SLOTS];
};

struct cb_replay *cb_replay_new(void)
{
    struct cb_replay *r = calloc(1, sizeof *r);
    if (r != NULL) {
        (void)pthread_mutex_init(&r->lock, NULL);
    }
    return r;
}

void cb_replay_free(struct cb_replay *r)
{
    if (r != NULL) {
        (void)pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

static cb_status hash_of(struct cb_str signer, struct cb_str jti, struct cb_x5t *out, struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, CB_LIMIT_JWS);
    cb_buf_add_fmt(&b, "%zu:", signer.n);
    cb_buf_add_str(&b, signer);
    cb_buf_add_str(&b, jti);
    CB_TRY(cb_buf_check(&b, err));
    return cb_x5t_of(cb_buf_str(&b), out, err);
}

static cb_status take(struct cb_replay *r, const struct used *fresh, int64_t now, struct cb_err *err)
{
    struct used *room = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        struct used *u = &r->slots[i];
        if (u->expires_at <= now) {
            room = room == NULL ? u : room;
        } else {
            CB_ENSURE(!cb_x5t_eq(&u->hash, &fresh->hash), CB_E_DCR_METADATA, "this request was used before");
        }
    }
    CB_ENSURE(room != NULL, CB_E_LIMIT, "%d registration requests of the last hour", SLOTS);
    *room = *fresh;
    return CB_OK;
}

cb_status cb_replay_remember(struct cb_replay *r, struct cb_str signer, struct cb_str jti, int64_t expires_at,
                             int64_t now, struct cb_err *err)
{
    struct used fresh = { .expires_at = expires_at };
    CB_TRY(hash_of(signer, jti, &fresh.hash, err));
    (void)pthread_mutex_lock(&r->lock);
    const cb_status taken = take(r, &fresh, now, err);
    (void)pthread_mutex_unlock(&r->lock);
    return taken;
}
