/* What requests left on the desk: certificates whose lists or answers are wanted. */
#include "base/clock.h"
#include "base/limits.h"
#include "cert/status_urls.h"
#include "revocation/parts.h"

enum { STALE_MS = 60 * 1000 }; /* between log lines about one group's grace */

static void want_answer(struct cb_revocation *r, const struct cb_followed *g, const struct cb_ask *ask,
                        const struct cb_cert *leaf)
{
    struct cb_status_urls urls = { .count = 0 };
    if (g->responder != NULL) {
        urls = (struct cb_status_urls){ .urls = { cb_str_of(g->responder) }, .count = 1 };
    } else if (CB_FAILED(cb_cert_ocsp_responders(leaf, &urls, NULL))) {
        return;
    }
    cb_asked_want(r->asked, g->name, ask->path, urls.urls, urls.count, cb_clock_unix());
}

static void want_lists(struct cb_followed *g, const struct cb_cert *leaf)
{
    struct cb_status_urls urls = { .count = 0 };
    if (!g->distribution_points || CB_FAILED(cb_cert_crl_points(leaf, &urls, NULL))) {
        return;
    }
    for (size_t i = 0; i < urls.count; i++) {
        cb_followed_discover(g, urls.urls[i]);
    }
}

static void say_stale(struct cb_revocation *r, struct cb_followed *g)
{
    const int64_t now_ms = cb_clock_monotonic_ms();
    if (g->stale_said_ms == 0 || now_ms - g->stale_said_ms >= STALE_MS) {
        CB_LOG(r->o.log, CB_EV_REVOCATION_STALE, NULL, CB_F_CSTR("trust_group", g->name));
        g->stale_said_ms = now_ms;
    }
}

static void take_ask(struct cb_revocation *r, const struct cb_ask *ask)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_cert leaf = { .der = { 0 } };
    struct cb_followed *g = cb_followed_named(r->groups, ask->group);
    cb_arena_init(&a, 8 * CB_LIMIT_CERTIFICATE);
    if (g == NULL || CB_FAILED(cb_cert_parse(&a, ask->leaf, &leaf, NULL))) {
        return;
    }
    if (ask->stale) {
        say_stale(r, g);
    }
    if (g->by_lists) {
        cb_followed_learn(g, ask->path);
        want_lists(g, &leaf);
    }
    if (g->by_asking) {
        want_answer(r, g, ask, &leaf);
    }
}

void cb_worker_take_asks(struct cb_revocation *r)
{
    struct cb_ask ask = { .group = NULL };
    while (cb_desk_take(r->desk, &ask)) {
        take_ask(r, &ask);
        cb_ask_done(&ask);
    }
}
