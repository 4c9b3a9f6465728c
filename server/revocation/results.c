/* What came of jobs: lists, kept copies of lists, answers. */
#include "base/clock.h"
#include "revocation/parts.h"

/* Once, until it is kept again. */
static void say_not_kept(const struct cb_revocation *r, const struct cb_followed *g, struct cb_source *s,
                         const struct cb_job *j)
{
    const bool failed = j->no_copy.code != CB_E_NONE;
    if (failed && !s->copy_failed) {
        CB_LOG(r->o.log, CB_EV_CRL_NOT_KEPT, &j->no_copy, CB_F_CSTR("trust_group", g->name),
               CB_F_CSTR("location", s->location));
    }
    s->copy_failed = failed;
}

static void take_copy(struct cb_revocation *r, struct cb_job *j, int64_t now)
{
    struct cb_followed *g = NULL;
    struct cb_err err = { 0 };
    struct cb_source *s = cb_followed_source(r->groups, j->source, &g);
    if (s == NULL) {
        return;
    }
    if (cb_source_take_copy(s, j, now, &err)) {
        r->changed = true;
        r->urgent = true;
    }
    if (err.code != CB_E_NONE) {
        CB_LOG(r->o.log, CB_EV_CRL_COPY_IGNORED, &err, CB_F_CSTR("trust_group", g->name),
               CB_F_CSTR("location", s->location), CB_F_CSTR("file", s->copy_path));
    }
}

static void take_list(struct cb_revocation *r, struct cb_job *j, int64_t now, int64_t now_ms)
{
    struct cb_followed *g = NULL;
    struct cb_err err = { 0 };
    struct cb_source *s = cb_followed_source(r->groups, j->source, &g);
    if (s == NULL) {
        return;
    }
    if (cb_source_take(s, j, now, now_ms, &err)) {
        r->changed = true;
        r->urgent = true;
    }
    say_not_kept(r, g, s, j);
    if (err.code != CB_E_NONE) {
        CB_LOG(r->o.log, CB_EV_CRL_REFUSED, &err, CB_F_CSTR("trust_group", g->name),
               CB_F_CSTR("location", s->location), CB_F_BOOL("held", s->list != NULL));
    }
}

/* RFC 6960 section 4.2.2.2.1: a delegate that is revoked itself is not believed. */
static void judge_delegate(struct cb_revocation *r, struct cb_job *j, const char *group)
{
    const struct cb_followed *g = cb_followed_named(r->groups, group);
    const struct cb_str serial = { (const char *)j->answer.delegate, j->answer.delegate_n };
    if (j->err.code == CB_E_NONE && serial.n > 0 && g != NULL &&
        cb_followed_has_revoked(g, &j->about.issuer, serial)) {
        cb_err_set(&j->err, CB_E_OCSP_SIGNER, __FILE__, __LINE__,
                   "the responder's own certificate is revoked");
    }
}

static void take_answer(struct cb_revocation *r, struct cb_job *j, int64_t now, int64_t now_ms)
{
    bool urgent = false;
    struct cb_err err = { 0 };
    const char *group = cb_asked_group(r->asked, j);
    judge_delegate(r, j, group);
    if (cb_asked_take(r->asked, j, now, now_ms, &urgent, &err)) {
        r->changed = true;
        r->urgent |= urgent;
    }
    if (err.code != CB_E_NONE) {
        r->changed = true; /* operators see it in the view */
        CB_LOG(r->o.log, CB_EV_OCSP_ANSWER_REFUSED, &err, CB_F_CSTR("trust_group", group),
               CB_F_CSTR("responder", j->location));
    }
}

void cb_worker_take_results(struct cb_revocation *r)
{
    const int64_t now = cb_clock_unix(), now_ms = cb_clock_monotonic_ms();
    for (struct cb_job *j = cb_jobs_take(r->jobs); j != NULL; j = cb_jobs_take(r->jobs)) {
        if (j->kind == CB_JOB_OCSP) {
            take_answer(r, j, now, now_ms);
        } else if (j->kind == CB_JOB_COPY) {
            take_copy(r, j, now);
        } else {
            take_list(r, j, now, now_ms);
        }
        cb_job_free(j);
    }
}
