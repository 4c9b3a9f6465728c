#include "watch/webhook.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "log/throttle.h"

enum { FIRST_PAUSE_S = 60, LAST_PAUSE_S = 3600, GIVE_UP_S = 24 * 3600, ANSWER_MAX = 4096 };

struct event {
    struct event *next;
    int64_t since, due;
    int64_t pause_s;
    struct cb_str body; /* behind the struct */
};

struct cb_webhook {
    pthread_mutex_t lock;
    struct event *first, **last;
    size_t count;
    struct cb_log *log;
    struct cb_throttle lost;
};

struct cb_webhook *cb_webhook_new(struct cb_log *log)
{
    struct cb_webhook *h = calloc(1, sizeof *h);
    if (h != NULL) {
        h->log = log;
        h->lost = CB_THROTTLE_INIT;
        (void)pthread_mutex_init(&h->lock, NULL);
        h->last = &h->first;
    }
    return h;
}

static struct event *take_first(struct cb_webhook *h)
{
    struct event *e = h->first;
    if (e != NULL) {
        h->first = e->next;
        h->last = h->first == NULL ? &h->first : h->last;
        h->count--;
    }
    return e;
}

void cb_webhook_free(struct cb_webhook *h)
{
    if (h == NULL) {
        return;
    }
    for (struct event *e; (e = take_first(h)) != NULL;) {
        free(e);
    }
    (void)pthread_mutex_destroy(&h->lock);
    (void)pthread_mutex_destroy(&h->lost.lock);
    free(h);
}

/* Thousands may be lost at once, where as many certificates end in one week. */
static void say_lost(struct cb_webhook *h, int64_t since, int64_t now)
{
    uint64_t held_back = 0;
    if (!cb_throttle_pass(&h->lost, now, &held_back)) {
        cb_log_count_one(h->log, CB_EV_WEBHOOK_EVENT_LOST);
        return;
    }
    CB_LOG(h->log, CB_EV_WEBHOOK_EVENT_LOST, NULL, CB_F_INT("seconds_old", now - since),
           CB_F_INT("held_back", held_back));
}

static void append(struct cb_webhook *h, struct event *e, int64_t now)
{
    struct event *pushed_out = NULL;
    (void)pthread_mutex_lock(&h->lock);
    if (h->count == CB_WEBHOOK_QUEUE) {
        pushed_out = take_first(h);
    }
    e->next = NULL;
    *h->last = e;
    h->last = &e->next;
    h->count++;
    (void)pthread_mutex_unlock(&h->lock);
    if (pushed_out != NULL) {
        say_lost(h, pushed_out->since, now);
        free(pushed_out);
    }
}

void cb_webhook_add(struct cb_webhook *h, struct cb_str body, int64_t now)
{
    struct event *e = malloc(sizeof *e + body.n);
    if (e == NULL) {
        say_lost(h, now, now);
        return;
    }
    char *copy = (char *)(e + 1);
    memcpy(copy, body.p, body.n);
    *e = (struct event){ .since = now, .due = now, .pause_s = FIRST_PAUSE_S, .body = { copy, body.n } };
    append(h, e, now);
}

/* "Certbound-Signature: HEADER..SIGNATURE" */
static cb_status sign(const struct cb_signer *signer, struct cb_str body, struct cb_buf *out,
                      struct cb_err *err)
{
    char memory[256];
    struct cb_buf header, jws CB_AUTO(cb_buf_done);
    cb_buf_over(&header, memory, sizeof memory);
    cb_buf_init(&jws, CB_MIB);
    struct cb_json_out j = cb_json_out(&header);
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "alg", cb_alg_name(signer->alg));
    cb_json_put_cstr(&j, "typ", "certbound-event+jws");
    cb_json_put_str(&j, "kid", signer->kid);
    cb_json_close(&j, '}');
    CB_TRY(cb_buf_check(&header, err));
    char header64[CB_BASE64URL_LEN(sizeof memory)];
    cb_base64url_encode(header.p, header.n, header64);
    const struct cb_str head = { header64, CB_BASE64URL_LEN(header.n) };
    CB_TRY(cb_jws_write(signer->key, head, body, &jws, err));
    const size_t signature = head.n + 1 + CB_BASE64URL_LEN(body.n);
    cb_buf_add_cstr(out, "Certbound-Signature: ");
    cb_buf_add_str(out, head);
    cb_buf_add_char(out, '.');
    cb_buf_add(out, jws.p + signature, jws.n - signature);
    cb_buf_add_char(out, '\0');
    return cb_buf_check(out, err);
}

static cb_status post(struct cb_fetcher *f, const struct cb_snapshot *s, struct cb_str body, int64_t now,
                      struct cb_err *err)
{
    struct cb_buf header CB_AUTO(cb_buf_done);
    struct cb_buf answer CB_AUTO(cb_buf_done);
    cb_buf_init(&header, 4 * CB_KIB);
    cb_buf_init(&answer, ANSWER_MAX);
    const struct cb_signer *signer = s->ring == NULL ? NULL : cb_ring_signer(s->ring, now);
    CB_ENSURE(signer != NULL, CB_E_HTTP_NOT_READY, "there is no signing key");
    CB_TRY(sign(signer, body, &header, err));
    const struct cb_fetch rq = { .url = s->config->expiry_webhook,
                                 .body = body,
                                 .content_type = "application/json",
                                 .extra_header = header.p };
    return cb_fetch(f, &rq, &answer, err);
}

static struct event *take_due(struct cb_webhook *h, int64_t now)
{
    struct event *found = NULL;
    (void)pthread_mutex_lock(&h->lock);
    for (struct event **at = &h->first; *at != NULL && found == NULL;) {
        if ((*at)->due <= now) {
            found = *at;
            *at = found->next;
            h->last = *at == NULL ? at : h->last;
            h->count--;
        } else {
            at = &(*at)->next;
        }
    }
    (void)pthread_mutex_unlock(&h->lock);
    return found;
}

static void put_off(struct cb_webhook *h, struct event *e, int64_t now)
{
    if (now - e->since >= GIVE_UP_S) {
        free(e);
        return;
    }
    e->due = now + e->pause_s;
    e->pause_s = 2 * e->pause_s < LAST_PAUSE_S ? 2 * e->pause_s : LAST_PAUSE_S;
    append(h, e, now);
}

void cb_webhook_deliver(struct cb_webhook *h, struct cb_fetcher *f, const struct cb_snapshot *s, int64_t now)
{
    for (struct event *e; s->config->expiry_webhook != NULL && (e = take_due(h, now)) != NULL;) {
        struct cb_err err = { 0 };
        if (CB_FAILED(post(f, s, e->body, now, &err))) {
            CB_LOG(h->log, CB_EV_WEBHOOK_FAILED, &err, CB_F_INT("seconds_old", now - e->since),
                   CB_F_BOOL("given_up", now - e->since >= GIVE_UP_S));
            put_off(h, e, now);
            return;
        }
        CB_LOG(h->log, CB_EV_WEBHOOK_DELIVERED, NULL, CB_F_INT("seconds_old", now - e->since));
        free(e);
    }
}
