#include "revocation/source.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"

/* A URL is fetched again half-way to the end of its list, within these bounds, and after failures ever later.
 */
enum { REFRESH_MIN_S = 30, REFRESH_MAX_S = 3600, RETRY_MIN_S = 2, RETRY_MAX_S = 300 };

struct cb_source *cb_source_new(const char *location, bool discovered, const struct cb_crl_cache *cache,
                                const char *group)
{
    static atomic_uint_least64_t ids;
    struct cb_source *s = calloc(1, sizeof *s);
    if (s == NULL || (s->location = strdup(location)) == NULL) {
        free(s);
        return NULL;
    }
    s->id = atomic_fetch_add(&ids, 1) + 1;
    s->is_url = strstr(location, "://") != NULL;
    s->discovered = discovered;
    s->copy_path = s->is_url ? cb_crl_cache_path(cache, group, location) : NULL;
    return s;
}

void cb_source_free(struct cb_source *s)
{
    if (s != NULL) {
        cb_crl_unref(s->list);
        cb_crl_unref(s->copied);
        for (size_t i = 0; i < s->aside_count; i++) {
            cb_crl_unref(s->aside[i]);
        }
        free(s->location);
        free(s->copy_path);
        free(s);
    }
}

/* --- when --- */

static struct cb_file_mark mark_of(const char *path)
{
    struct stat st = { 0 };
    if (stat(path, &st) != 0) {
        return (struct cb_file_mark){ .exists = false };
    }
    return (struct cb_file_mark){
        .exists = true,
        .device = st.st_dev,
        .inode = st.st_ino,
        .size = (uint64_t)st.st_size,
        .seconds = st.st_mtim.tv_sec,
        .nanoseconds = st.st_mtim.tv_nsec,
    };
}

static bool same_mark(const struct cb_file_mark *a, const struct cb_file_mark *b)
{
    return a->exists == b->exists && a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

bool cb_source_has_unread_copy(const struct cb_source *s)
{
    return s->copy_path != NULL && s->list == NULL && s->copy == CB_COPY_UNREAD;
}

bool cb_source_is_due(struct cb_source *s, int64_t now_ms)
{
    if (s->under_way) {
        return false;
    }
    if (!s->tried || s->again || cb_source_has_unread_copy(s)) {
        return true;
    }
    if (s->is_url) {
        return now_ms >= s->next_try_ms;
    }
    const struct cb_file_mark now = mark_of(s->location);
    return !same_mark(&now, &s->mark);
}

struct cb_job *cb_source_job(struct cb_source *s)
{
    const enum cb_job_kind kind = !s->is_url                     ? CB_JOB_FILE
                                  : cb_source_has_unread_copy(s) ? CB_JOB_COPY
                                                                 : CB_JOB_URL;
    struct cb_job *j = cb_job_new(kind, s->location);
    if (j == NULL) {
        return NULL;
    }
    j->copied = s->copied == NULL ? NULL : cb_crl_ref(s->copied);
    j->copy_path = s->copy_path == NULL ? NULL : strdup(s->copy_path);
    if (kind == CB_JOB_COPY && j->copy_path == NULL) {
        cb_job_free(j);
        return NULL;
    }
    if (!s->is_url) {
        s->mark = mark_of(s->location); /* before it is read: a change meanwhile is one more reason */
    }
    j->source = s->id;
    s->under_way = true;
    s->again = s->again && kind == CB_JOB_COPY;
    return j;
}

static int64_t between(int64_t low, int64_t x, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

static int64_t retry_s(unsigned failures)
{
    return between(RETRY_MIN_S, (int64_t)RETRY_MIN_S << (failures < 16 ? failures - 1 : 15), RETRY_MAX_S);
}

/* --- what came of it --- */

/* The list of this kind that is held. */
static struct cb_crl **place_of(struct cb_source *s, const struct cb_crl *fresh)
{
    if (s->list != NULL && cb_crl_is_same_kind(s->list, fresh)) {
        return &s->list;
    }
    for (size_t i = 0; i < s->aside_count; i++) {
        if (cb_crl_is_same_kind(s->aside[i], fresh)) {
            return &s->aside[i];
        }
    }
    return NULL;
}

/* Where all places are taken, the last is given up: those that came first are the source's own. */
static void set_aside(struct cb_source *s, struct cb_crl *list)
{
    if (s->aside_count == CB_SOURCE_ASIDE) {
        cb_crl_unref(s->aside[--s->aside_count]);
    }
    s->aside[s->aside_count++] = list;
}

/* Takes over the reference. */
static void replace(struct cb_source *s, struct cb_crl *fresh)
{
    struct cb_crl **place = place_of(s, fresh);
    struct cb_crl *before = s->list;
    if (place == &s->list) {
        cb_crl_unref(before);
    } else if (place != NULL) {
        cb_crl_unref(*place);
        *place = before;
    } else if (before != NULL) {
        set_aside(s, before);
    }
    s->list = fresh;
}

static bool keep(struct cb_source *s, struct cb_job *j, int64_t now)
{
    const bool another = s->list == NULL || !s->is_url || !cb_crl_is_same(s->list, j->list);
    s->loaded_at = now;
    if (another) {
        replace(s, CB_TAKE(j->list));
        s->say_loaded = true;
        s->microseconds = j->microseconds;
        s->expiry_said = false;
    }
    return another;
}

static void note_copied(struct cb_source *s)
{
    cb_crl_unref(s->copied);
    s->copied = cb_crl_ref(s->list);
}

static cb_status check_newer(struct cb_source *s, const struct cb_crl *fresh, struct cb_err *err)
{
    struct cb_crl **held = place_of(s, fresh);
    return held == NULL ? CB_OK : cb_crl_check_newer(fresh, *held, err);
}

bool cb_source_take(struct cb_source *s, struct cb_job *j, int64_t now, int64_t now_ms, struct cb_err *err)
{
    const enum cb_code before = s->tried ? s->failure : CB_E_NONE;
    s->under_way = false;
    s->tried = true;
    if (j->err.code == CB_E_NONE && !CB_FAILED(check_newer(s, j->list, &j->err))) {
        const bool another = keep(s, j, now);
        if (j->is_copied) {
            note_copied(s);
        }
        const int64_t half = (cb_crl_facts(s->list)->next_update - now) / 2;
        s->failure = CB_E_NONE;
        s->failures = 0;
        s->next_try_ms = now_ms + between(REFRESH_MIN_S, half, REFRESH_MAX_S) * 1000;
        return another || before != CB_E_NONE;
    }
    s->failure = j->err.code;
    s->failures++;
    s->next_try_ms = now_ms + retry_s(s->failures) * 1000;
    if (s->failure != before) {
        *err = j->err;
    }
    return s->failure != before;
}

/* One that has ended is taken, too: whom it revokes stays revoked, and grace counts from its end. */
bool cb_source_take_copy(struct cb_source *s, struct cb_job *j, int64_t now, struct cb_err *err)
{
    s->under_way = false;
    s->copy = j->err.code == CB_E_CRL_ISSUER_UNKNOWN ? CB_COPY_OF_STRANGER : CB_COPY_READ;
    *err = j->err;
    if (j->list == NULL) {
        return false;
    }
    const bool another = keep(s, j, now);
    note_copied(s);
    return another;
}
