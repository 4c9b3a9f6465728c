#include "revocation/source.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"

/* A URL is fetched again half-way to the end of its list, within these bounds, and after failures ever later.
 */
enum { REFRESH_MIN_S = 30, REFRESH_MAX_S = 3600, RETRY_MIN_S = 2, RETRY_MAX_S = 300 };

struct cb_source *cb_source_new(const char *location, bool discovered)
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
    return s;
}

void cb_source_free(struct cb_source *s)
{
    if (s != NULL) {
        cb_crl_unref(s->list);
        free(s->location);
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

bool cb_source_is_due(struct cb_source *s, int64_t now_ms)
{
    if (s->under_way) {
        return false;
    }
    if (!s->tried || s->again) {
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
    struct cb_job *j = cb_job_new(s->is_url ? CB_JOB_URL : CB_JOB_FILE, s->location);
    if (j == NULL) {
        return NULL;
    }
    if (!s->is_url) {
        s->mark = mark_of(s->location); /* before it is read: a change meanwhile is one more reason */
    }
    j->source = s->id;
    s->under_way = true;
    s->again = false;
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

static cb_status check_newer(const struct cb_source *s, const struct cb_crl *fresh, struct cb_err *err)
{
    char held[CB_TIME_TEXT];
    if (s->list == NULL) {
        return CB_OK;
    }
    cb_time_text(cb_crl_facts(s->list)->this_update, held);
    CB_ENSURE(cb_crl_facts(fresh)->this_update >= cb_crl_facts(s->list)->this_update ||
                  !cb_key_hash_eq(&cb_crl_facts(fresh)->issuer_key, &cb_crl_facts(s->list)->issuer_key),
              CB_E_CRL_OLDER, "the list is older than the one that is held, of %s", held);
    return CB_OK;
}

/* The same list once more, as far as anybody could tell without comparing a million entries. */
static bool is_same(const struct cb_crl *a, const struct cb_crl *b)
{
    const struct cb_crl_facts *x = cb_crl_facts(a), *y = cb_crl_facts(b);
    return x->this_update == y->this_update && x->next_update == y->next_update && x->entries == y->entries &&
           cb_str_is(cb_str_of(x->number), y->number) && cb_key_hash_eq(&x->issuer_key, &y->issuer_key);
}

static bool keep(struct cb_source *s, struct cb_job *j, int64_t now)
{
    const bool another = s->list == NULL || !s->is_url || !is_same(s->list, j->list);
    s->loaded_at = now;
    if (another) {
        cb_crl_unref(s->list);
        s->list = CB_TAKE(j->list);
        s->say_loaded = true;
        s->microseconds = j->microseconds;
        s->expiry_said = false;
    }
    return another;
}

bool cb_source_take(struct cb_source *s, struct cb_job *j, int64_t now, int64_t now_ms, struct cb_err *err)
{
    const enum cb_code before = s->tried ? s->failure : CB_E_NONE;
    s->under_way = false;
    s->tried = true;
    if (j->err.code == CB_E_NONE && !CB_FAILED(check_newer(s, j->list, &j->err))) {
        const bool another = keep(s, j, now);
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
