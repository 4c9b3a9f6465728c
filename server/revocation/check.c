#include "base/clock.h"
#include "cert/status_urls.h"
#include "revocation/view.h"

/* How soon a connection looks again when it was let pass without a fresh word, or the next one is overdue. */
enum { LOOK_AGAIN_S = 10 };

/* One check. */
struct question {
    const struct cb_revocation_view *view; /* NULL: nothing is known at all */
    const struct cb_config_trust_group *config;
    const struct cb_config_revocation *policy; /* its own */
    const struct cb_view_group *group;         /* NULL: the worker has not seen it yet */
    const struct cb_trust_path *path;
    const struct cb_cert *leaf;
    int64_t now;
};

/* What one kind of source says of the leaf. */
struct word {
    bool fresh;    /* it is good */
    bool refused;  /* it was asked and did not say that it is good */
    int64_t until; /* of a fresh one: look again after this second */
    int64_t ended; /* when the last one ended; INT64_MIN: there was none */
    bool ask;      /* a newer one is wanted */
};

static void leave_ask(const struct question *q, bool stale)
{
    if (q->view != NULL) {
        cb_desk_leave(q->view->desk, cb_str_of(q->config->name), q->path, q->leaf->der, stale);
    }
}

/* --- revoked: by any list that is held, fresh or not, and by any answer --- */

static cb_status refuse(size_t at, const char *by, int64_t revoked_at, const char *reason, struct cb_err *err)
{
    char when[CB_TIME_TEXT];
    cb_time_text(revoked_at, when);
    CB_REFUSE(CB_E_CERT_REVOKED, "certificate %zu of the chain was revoked at %s (%s), says %.100s", at, when,
              reason == NULL ? "unspecified" : reason, by);
}

static bool is_by(const struct cb_crl *list, const struct cb_authority *issuer)
{
    return cb_key_hash_eq(&cb_crl_facts(list)->issuer_key, &issuer->key);
}

static bool is_on(const struct cb_crl *list, const struct cb_trust_link *link, struct cb_crl_entry *out)
{
    return list != NULL && is_by(list, link->issuer) && cb_crl_has(list, link->serial, out);
}

static cb_status check_lists(const struct question *q, size_t at, struct cb_err *err)
{
    const struct cb_trust_link *link = &q->path->links[at];
    struct cb_crl_entry entry = { .reason = NULL };
    for (size_t i = 0; q->group != NULL && i < q->group->count; i++) {
        const struct cb_view_list *l = &q->view->lists[q->group->first + i];
        bool revoked = is_on(l->crl, link, &entry);
        for (size_t k = 0; k < l->aside_count && !revoked; k++) {
            revoked = is_on(l->aside[k], link, &entry);
        }
        if (revoked) {
            return refuse(at, l->location, entry.revoked_at, entry.reason, err);
        }
    }
    return CB_OK;
}

static const struct cb_answer *answer_on(const struct question *q, size_t at)
{
    const struct cb_trust_link *link = &q->path->links[at];
    struct cb_answer_key key;
    return q->view != NULL && cb_answer_key_of(&link->issuer->key, link->serial, &key)
               ? cb_answers_find(q->view->answers, &key)
               : NULL;
}

static cb_status check_revoked(const struct question *q, struct cb_err *err)
{
    for (size_t at = 0; at < q->path->count; at++) {
        CB_TRY(check_lists(q, at, err));
        const struct cb_answer *a = answer_on(q, at);
        if (a != NULL && a->status == CB_OCSP_REVOKED) {
            if (q->now >= a->refresh_at) {
                leave_ask(q, false); /* it may have been on hold */
            }
            return refuse(at, "its OCSP responder", a->revoked_at, a->reason, err);
        }
    }
    return CB_OK;
}

/* --- a fresh word that the leaf is good --- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Lists of some reasons each prove it together. */
static struct word word_of_lists(const struct question *q)
{
    struct cb_status_urls points = { .count = 0 };
    struct word w = { .until = INT64_MAX, .ended = INT64_MIN };
    unsigned reasons = 0;
    (void)cb_cert_crl_points(q->leaf, &points, NULL).v_; /* malformed: it names none */
    for (size_t i = 0; q->group != NULL && i < q->group->count; i++) {
        const struct cb_crl *list = q->view->lists[q->group->first + i].crl;
        if (list == NULL || !is_by(list, q->path->links[0].issuer)) {
            continue;
        }
        const int64_t ends = cb_crl_facts(list)->next_update;
        const unsigned covered = cb_crl_covers(list, false, points.urls, points.count);
        if (covered != 0 && q->now < ends) {
            reasons |= covered;
            w.until = least(w.until, ends - 1);
        } else if (covered == CB_CRL_ALL_REASONS && ends > w.ended) {
            w.ended = ends;
        }
    }
    w.fresh = reasons == CB_CRL_ALL_REASONS;
    w.ask = !w.fresh;
    return w;
}

static struct word word_of_responder(const struct question *q)
{
    const struct cb_answer *a = answer_on(q, 0);
    struct word w = { .ended = INT64_MIN, .ask = true };
    if (a == NULL) {
        return w;
    }
    w.refused = a->status != CB_OCSP_GOOD;
    w.fresh = !w.refused && q->now < a->next_update;
    w.ended = w.refused ? INT64_MIN : a->next_update;
    w.ask = q->now >= a->refresh_at || q->now >= a->next_update;
    w.until = least(w.ask ? q->now + LOOK_AGAIN_S : a->refresh_at, a->next_update - 1);
    return w;
}

static bool says(const struct cb_config_revocation *p, const char *word)
{
    return cb_str_is(cb_str_of(p->check), word);
}

/* By the policy: a list that is there settles it, and the worker renews it by itself. */
static struct word best_word(const struct question *q)
{
    const struct word none = { .ended = INT64_MIN };
    const struct word l = says(q->policy, "ocsp") ? none : word_of_lists(q);
    if (l.fresh || says(q->policy, "crl")) {
        return l;
    }
    struct word r = word_of_responder(q);
    r.ended = l.ended > r.ended ? l.ended : r.ended;
    return r;
}

/* --- the policy --- */

static void count(const struct question *q, enum cb_desk_outcome outcome)
{
    if (q->view != NULL) {
        cb_desk_count(q->view->desk, outcome);
    }
}

/* A responder that does not know the certificate has answered: that is no outage to be graceful about. */
static bool is_in_grace(const struct question *q, const struct word *w, int64_t *out_until)
{
    const int64_t from = w->ended != INT64_MIN ? w->ended : q->group == NULL ? INT64_MIN : q->group->since;
    if (q->policy->grace_s == 0 || w->refused || from == INT64_MIN || q->now >= from + q->policy->grace_s) {
        return false;
    }
    *out_until = least(from + q->policy->grace_s - 1, q->now + LOOK_AGAIN_S);
    return true;
}

/* For the log: what an operator would look at first. */
static const char *why_unknown(const struct question *q, const struct word *w)
{
    struct cb_status_urls urls = { .count = 0 };
    if (w->refused) {
        return "the OCSP responder does not know the certificate";
    }
    if (w->ended != INT64_MIN) {
        return "the last list or answer has ended, and there is no newer one";
    }
    if (!says(q->policy, "ocsp")) {
        return "no list of the certificate's issuer is held";
    }
    if (q->policy->ocsp_responder == NULL &&
        (CB_FAILED(cb_cert_ocsp_responders(q->leaf, &urls, NULL)) || urls.count == 0)) {
        return "the certificate names no OCSP responder, nor does ocsp_responder";
    }
    return "the OCSP responder has not answered yet";
}

cb_status cb_revocation_check(const struct cb_revocation_view *view,
                              const struct cb_config_trust_group *group, const struct cb_trust_path *path,
                              const struct cb_cert *leaf, int64_t now, int64_t *out_until, struct cb_err *err)
{
    struct question q = {
        .view = view, .config = group, .policy = &group->revocation, .path = path, .leaf = leaf, .now = now
    };
    if (says(q.policy, "off")) {
        *out_until = INT64_MAX;
        return CB_OK;
    }
    q.group = view == NULL ? NULL : cb_view_group_named(view, group->name);
    if (CB_FAILED(check_revoked(&q, err))) {
        count(&q, CB_DESK_REVOKED);
        return CB_FAIL;
    }
    const struct word w = best_word(&q);
    if (w.fresh) {
        if (w.ask) {
            leave_ask(&q, false);
        }
        count(&q, CB_DESK_GOOD);
        *out_until = w.until;
        return CB_OK;
    }
    const bool stale = is_in_grace(&q, &w, out_until);
    leave_ask(&q, stale);
    count(&q, stale ? CB_DESK_STALE : CB_DESK_UNKNOWN);
    CB_ENSURE(stale, CB_E_REVOCATION_UNKNOWN, "trust group %.60s: %s", group->name, why_unknown(&q, &w));
    return CB_OK;
}
