#include "revocation/asked.h"

#include <stdlib.h>

enum {
    REFRESH_MIN_S = 10,
    REFRESH_MAX_S = 3600,
    RETRY_MIN_MS = 1000,
    RETRY_MAX_MS = 60 * 1000,
    AT_ONCE = 3,     /* questions under way at one responder */
    RETRIES = 4,     /* without being asked for again */
    RESPONDERS = 64, /* that are told apart; all others count as one */
};

/* What several certificates share: scheme, host and port of their URLs. */
struct responder {
    char *origin;
    unsigned under_way, failures;
    int64_t next_try_ms;
    enum cb_code said; /* the failure that was said last; CB_E_NONE: it answers */
};

struct entry {
    struct cb_answer answer;
    int64_t this_update; /* INT64_MIN: no answer yet */
    struct cb_authority *issuer;
    char *group, *url;
    struct responder *responder;
    enum cb_ocsp_hash hash;
    bool wanted, under_way;
    unsigned failures;
    int64_t next_try_ms;
};

struct cb_asked {
    struct entry **all; /* in the order of their keys */
    size_t count, room;
    struct responder responders[RESPONDERS];
    size_t responder_count;
};

struct cb_asked *cb_asked_new(void)
{
    return calloc(1, sizeof(struct cb_asked));
}

static void entry_free(struct entry *e)
{
    cb_authority_unref(e->issuer);
    free(e->group);
    free(e->url);
    free(e);
}

void cb_asked_free(struct cb_asked *a)
{
    if (a == NULL) {
        return;
    }
    for (size_t i = 0; i < a->count; i++) {
        entry_free(a->all[i]);
    }
    for (size_t i = 0; i < a->responder_count; i++) {
        free(a->responders[i].origin);
    }
    free(a->all);
    free(a);
}

/* --- the table --- */

/* Where the key stands or would stand. */
static size_t place_of(const struct cb_asked *a, const struct cb_answer_key *key)
{
    size_t low = 0, high = a->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cb_answer_key_order(&a->all[middle]->answer.key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct entry *find(const struct cb_asked *a, const struct cb_answer_key *key)
{
    const size_t at = place_of(a, key);
    const bool found = at < a->count && cb_answer_key_order(&a->all[at]->answer.key, key) == 0;
    return found ? a->all[at] : NULL;
}

/* What was revoked stays: it must not become acceptable by being forgotten. */
static bool is_dispensable(const struct entry *e, int64_t now)
{
    return !e->under_way && e->answer.status != CB_OCSP_REVOKED &&
           (e->this_update == INT64_MIN ? !e->wanted : now >= e->answer.next_update);
}

static void prune(struct cb_asked *a, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (is_dispensable(a->all[i], now)) {
            entry_free(a->all[i]);
        } else {
            a->all[kept++] = a->all[i];
        }
    }
    a->count = kept;
}

static bool make_room(struct cb_asked *a, int64_t now)
{
    if (a->count == CB_LIMIT_OCSP_ANSWERS) {
        prune(a, now);
    }
    if (a->count < a->room) {
        return true;
    }
    const size_t room = a->room == 0 ? 64 : 2 * a->room;
    struct entry **all =
        a->count >= CB_LIMIT_OCSP_ANSWERS ? NULL : realloc(a->all, room * sizeof(struct entry *));
    a->all = all != NULL ? all : a->all;
    a->room = all != NULL ? room : a->room;
    return all != NULL;
}

static struct entry *insert(struct cb_asked *a, const struct cb_answer_key *key, const char *group,
                            struct cb_authority *issuer)
{
    struct entry *e = calloc(1, sizeof *e);
    char *name = strdup(group);
    if (e == NULL || name == NULL) {
        free(name);
        free(e);
        return NULL;
    }
    *e = (struct entry){
        .answer = { .key = *key },
        .this_update = INT64_MIN,
        .issuer = cb_authority_ref(issuer),
        .group = name,
    };
    const size_t at = place_of(a, key);
    memmove(&a->all[at + 1], &a->all[at], (a->count - at) * sizeof(struct entry *));
    a->all[at] = e;
    a->count++;
    return e;
}

/* --- responders --- */

static struct cb_str origin_of(struct cb_str url)
{
    const char *host = memmem(url.p, url.n, "://", 3);
    const size_t head = host == NULL ? 0 : (size_t)(host - url.p) + 3;
    const char *path = memchr(url.p + head, '/', url.n - head);
    return (struct cb_str){ url.p, path == NULL ? url.n : (size_t)(path - url.p) };
}

static struct responder *responder_at(struct cb_asked *a, struct cb_str url)
{
    const struct cb_str origin = origin_of(url);
    for (size_t i = 0; i < a->responder_count; i++) {
        if (cb_str_is(origin, a->responders[i].origin)) {
            return &a->responders[i];
        }
    }
    if (a->responder_count == RESPONDERS) {
        return &a->responders[RESPONDERS - 1];
    }
    char *copy = strndup(origin.p, origin.n);
    if (copy == NULL) {
        return NULL;
    }
    a->responders[a->responder_count] = (struct responder){ .origin = copy };
    return &a->responders[a->responder_count++];
}

static int64_t retry_ms(unsigned failures)
{
    const int64_t ms = (int64_t)RETRY_MIN_MS << (failures < 16 ? failures - 1 : 15);
    return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* --- asking --- */

void cb_asked_want(struct cb_asked *a, const char *group, const struct cb_trust_path *path,
                   const struct cb_str *urls, size_t url_count, int64_t now)
{
    const struct cb_trust_link *leaf = &path->links[0];
    struct cb_answer_key key;
    if (url_count == 0 || !cb_answer_key_of(&leaf->issuer->key, leaf->serial, &key)) {
        return;
    }
    struct entry *e = find(a, &key);
    if (e == NULL && make_room(a, now)) {
        e = insert(a, &key, group, leaf->issuer);
    }
    if (e == NULL || e->under_way || (e->this_update != INT64_MIN && now < e->answer.refresh_at)) {
        return;
    }
    const struct cb_str url = urls[e->failures % url_count];
    free(e->url);
    e->url = strndup(url.p, url.n);
    e->responder = responder_at(a, url);
    e->wanted = e->url != NULL && e->responder != NULL;
}

static bool may_go(const struct entry *e, int64_t now_ms)
{
    return e->wanted && !e->under_way && e->responder->under_way < AT_ONCE && now_ms >= e->next_try_ms &&
           now_ms >= e->responder->next_try_ms;
}

static struct cb_job *job_of(struct entry *e)
{
    struct cb_job *j = cb_job_new(CB_JOB_OCSP, e->url);
    if (j != NULL) {
        j->issuer = cb_authority_ref(e->issuer);
        j->about = e->answer.key;
        j->hash = e->hash;
        e->under_way = true;
        e->responder->under_way++;
    }
    return j;
}

struct cb_job *cb_asked_next(struct cb_asked *a, int64_t now_ms)
{
    for (size_t i = 0; i < a->count; i++) {
        if (may_go(a->all[i], now_ms)) {
            return job_of(a->all[i]);
        }
    }
    return NULL;
}

int64_t cb_asked_next_ms(const struct cb_asked *a)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < a->count; i++) {
        const struct entry *e = a->all[i];
        if (e->wanted && !e->under_way && e->responder->under_way < AT_ONCE) {
            const int64_t own = e->next_try_ms, shared = e->responder->next_try_ms;
            const int64_t at = own > shared ? own : shared;
            next = at < next ? at : next;
        }
    }
    return next;
}

/* --- answers --- */

/* True when it was good and is no longer. */
static bool keep(struct entry *e, const struct cb_ocsp_answer *from, int64_t now)
{
    struct cb_answer *a = &e->answer;
    const bool was_good = e->this_update != INT64_MIN && a->status == CB_OCSP_GOOD;
    const int64_t half = now + (from->next_update - now) / 2;
    const int64_t least = now + REFRESH_MIN_S, most = now + REFRESH_MAX_S;
    a->status = from->status;
    a->next_update = from->next_update;
    a->refresh_at = half < least ? least : half > most ? most : half;
    a->revoked_at = from->revoked_at;
    a->reason = from->reason;
    e->this_update = from->this_update;
    e->failures = 0;
    e->next_try_ms = 0;
    return was_good && a->status != CB_OCSP_GOOD;
}

/* Is it the responder that is away, and not this one answer that is no good? */
static bool is_outage(enum cb_code code)
{
    return code == CB_E_FETCH_FAILED || code == CB_E_FETCH_REFUSED || code == CB_E_OCSP_TRY_LATER;
}

static void fail(struct entry *e, const struct cb_err *why, int64_t now_ms, struct cb_err *err)
{
    struct responder *r = e->responder;
    e->failures++;
    e->wanted = e->failures < RETRIES;
    if (is_outage(why->code)) {
        r->failures++;
        r->next_try_ms = now_ms + retry_ms(r->failures);
    } else {
        e->next_try_ms = now_ms + retry_ms(e->failures);
    }
    if (why->code == CB_E_OCSP_REFUSED) {
        e->hash = e->hash == CB_OCSP_SHA1 ? CB_OCSP_SHA256 : CB_OCSP_SHA1; /* it may know the other */
    }
    if (r->said != why->code) {
        r->said = why->code;
        *err = *why;
    }
}

const char *cb_asked_group(const struct cb_asked *a, const struct cb_job *j)
{
    const struct entry *e = find(a, &j->about);
    return e == NULL ? "" : e->group;
}

bool cb_asked_take(struct cb_asked *a, struct cb_job *j, int64_t now, int64_t now_ms, bool *out_urgent,
                   struct cb_err *err)
{
    struct entry *e = find(a, &j->about);
    *out_urgent = false;
    if (e == NULL || !e->under_way) {
        return false;
    }
    e->under_way = false;
    e->responder->under_way--;
    if (j->err.code == CB_E_NONE && j->answer.this_update < e->this_update) {
        cb_err_set(&j->err, CB_E_OCSP_EXPIRED, __FILE__, __LINE__, "the answer is older than the last one");
    }
    if (j->err.code != CB_E_NONE) {
        fail(e, &j->err, now_ms, err);
        return false;
    }
    e->wanted = false;
    e->responder->failures = 0;
    e->responder->next_try_ms = 0;
    e->responder->said = CB_E_NONE;
    *out_urgent = keep(e, &j->answer, now);
    return true;
}

struct cb_answers *cb_asked_answers(const struct cb_asked *a)
{
    struct cb_answers *t = cb_answers_new(a->count);
    for (size_t i = 0; t != NULL && i < a->count; i++) {
        if (a->all[i]->this_update != INT64_MIN) {
            t->all[t->count++] = a->all[i]->answer;
        }
    }
    return t;
}

/* --- for operators --- */

static struct cb_revocation_responder *row_of(struct cb_revocation_responder *rows, size_t *count,
                                              size_t room, const struct entry *e)
{
    const struct responder *r = e->responder;
    for (size_t i = 0; i < *count; i++) {
        if (rows[i].origin == r->origin && cb_str_is(cb_str_of(rows[i].group), e->group)) {
            return &rows[i];
        }
    }
    if (*count == room) {
        return NULL;
    }
    rows[*count] = (struct cb_revocation_responder){
        .group = e->group, .origin = r->origin, .next_update = INT64_MAX, .failure = r->said
    };
    return &rows[(*count)++];
}

static void count_answer(struct cb_revocation_responder *row, const struct entry *e)
{
    const struct cb_answer *a = &e->answer;
    if (e->this_update == INT64_MIN) {
        row->waiting++;
        return;
    }
    row->good += a->status == CB_OCSP_GOOD;
    row->revoked += a->status == CB_OCSP_REVOKED;
    row->unknown += a->status == CB_OCSP_UNKNOWN;
    if (a->status == CB_OCSP_GOOD && a->next_update < row->next_update) {
        row->next_update = a->next_update;
    }
}

size_t cb_asked_responders(const struct cb_asked *a, struct cb_revocation_responder *out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct entry *e = a->all[i];
        struct cb_revocation_responder *row = e->responder == NULL ? NULL : row_of(out, &count, room, e);
        if (row != NULL) {
            count_answer(row, e);
        }
    }
    return count;
}
