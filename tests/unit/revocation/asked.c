#include "revocation/asked.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "testlib/pki.h"

enum { HOUR = 3600 };

static struct pki_cert *ca;
static struct cb_authority *issuer;
static struct cb_asked *asked;
static const struct cb_str responder = { "http://ocsp.example/one", 23 };
static const struct cb_str other_responder = { "http://other.example/", 21 };

static void setup(void)
{
    ca = pki_issue(&(struct pki_spec){ .ca = true });
    cr_assert_not(CB_FAILED(cb_authority_new(pki_der(ca), &issuer, NULL)));
    asked = cb_asked_new();
}

static void teardown(void)
{
    cb_asked_free(asked);
    cb_authority_unref(issuer);
    pki_free(ca);
}

TestSuite(asked, .init = setup, .fini = teardown);

/* Wants the certificate with this number. */
static void want_at(uint32_t number, struct cb_str url, int64_t now)
{
    const struct cb_trust_link link = { .serial = { (const char *)&number, sizeof number },
                                        .issuer = issuer };
    const struct cb_trust_path path = { .count = 1, .links = &link };
    cb_asked_want(asked, "partners", &path, &url, 1, now);
}

static void want(uint32_t number)
{
    want_at(number, responder, PKI_NOW);
}

static const struct cb_ocsp_answer good = { .status = CB_OCSP_GOOD,
                                            .this_update = PKI_NOW,
                                            .next_update = PKI_NOW + HOUR };

/* The job is done with this answer, or with this failure. Says the code that would be logged. */
static enum cb_code finish(struct cb_job *j, const struct cb_ocsp_answer *answer, enum cb_code failure,
                           int64_t now, int64_t now_ms, bool *urgent)
{
    struct cb_err err = { 0 };
    bool is_urgent = false;
    j->answer = *answer;
    j->err.code = failure;
    const bool changed = cb_asked_take(asked, j, now, now_ms, &is_urgent, &err);
    cr_expect_eq(changed, j->err.code == CB_E_NONE);
    if (urgent != NULL) {
        *urgent = is_urgent;
    }
    cb_job_free(j);
    return err.code;
}

static size_t answers(void)
{
    struct cb_answers *t = cb_asked_answers(asked);
    const size_t n = t->count;
    for (size_t i = 1; i < n; i++) {
        cr_assert_lt(cb_answer_key_order(&t->all[i - 1].key, &t->all[i].key), 0, "in order");
    }
    cb_answers_unref(t);
    return n;
}

static struct cb_job *next(int64_t now_ms)
{
    return cb_asked_next(asked, now_ms);
}

Test(asked, asks_once_and_again_when_the_answer_is_half_over)
{
    bool urgent = true;
    want(1);
    want(1);
    struct cb_job *j = next(0);
    cr_assert_not_null(j);
    cr_expect_str_eq(j->location, responder.p);
    cr_expect_str_eq(cb_asked_group(asked, j), "partners");
    want(1);
    cr_expect_null(next(0), "it is under way");
    cr_expect_eq(answers(), 0);
    cr_expect_eq(finish(j, &good, CB_E_NONE, PKI_NOW, 0, &urgent), CB_E_NONE);
    cr_expect_not(urgent);
    cr_expect_eq(answers(), 1);

    want_at(1, responder, PKI_NOW + HOUR / 2 - 1);
    cr_expect_null(next(0), "young enough");
    cr_expect_eq(cb_asked_next_ms(asked), INT64_MAX);
    want_at(1, responder, PKI_NOW + HOUR / 2);
    j = next(0);
    cr_assert_not_null(j);
    const struct cb_ocsp_answer revoked = { .status = CB_OCSP_REVOKED,
                                            .this_update = PKI_NOW + 9,
                                            .next_update = PKI_NOW + HOUR };
    cr_expect_eq(finish(j, &revoked, CB_E_NONE, PKI_NOW, 0, &urgent), CB_E_NONE);
    cr_expect(urgent, "good no longer");
    cr_expect_eq(answers(), 1);
}

Test(asked, has_few_questions_under_way_at_one_responder)
{
    struct cb_job *jobs[4] = { NULL };
    for (uint32_t i = 0; i < 5; i++) {
        want(i);
    }
    for (size_t i = 0; i < 3; i++) {
        cr_assert_not_null(jobs[i] = next(0));
    }
    cr_expect_null(next(0));
    want_at(9, other_responder, PKI_NOW);
    cr_assert_not_null(jobs[3] = next(0), "another has its own");
    cr_expect_null(next(0));
    for (size_t i = 0; i < 4; i++) {
        (void)finish(jobs[i], &good, CB_E_NONE, PKI_NOW, 0, NULL);
    }
    cr_assert_not_null(jobs[0] = next(0));
    (void)finish(jobs[0], &good, CB_E_NONE, PKI_NOW, 0, NULL);
}

Test(asked, waits_ever_longer_for_a_responder_that_is_away_and_says_so_once)
{
    static const int64_t waits[] = { 1000, 2000, 4000, 8000 };
    int64_t now_ms = 0;
    want(1);
    want(2);
    struct cb_job *j = next(now_ms);
    for (size_t i = 0; i < CB_COUNT(waits); i++) {
        cr_assert_not_null(j);
        const enum cb_code said = finish(j, &good, CB_E_FETCH_FAILED, PKI_NOW, now_ms, NULL);
        cr_expect_eq(said, i == 0 ? CB_E_FETCH_FAILED : CB_E_NONE, "round %zu", i);
        cr_expect_null(next(now_ms + waits[i] - 1), "round %zu: neither of the two", i);
        cr_expect_eq(cb_asked_next_ms(asked), now_ms + waits[i]);
        now_ms += waits[i];
        j = next(now_ms);
    }
    cr_expect_eq(finish(j, &good, CB_E_OCSP_TRY_LATER, PKI_NOW, now_ms, NULL), CB_E_OCSP_TRY_LATER,
                 "another reason");
    now_ms += 60 * 1000;
    j = next(now_ms);
    cr_assert_not_null(j, "at most a minute");
    cr_expect_eq(finish(j, &good, CB_E_NONE, PKI_NOW, now_ms, NULL), CB_E_NONE);
    want(3);
    j = next(now_ms);
    cr_assert_not_null(j, "it is back");
    cr_expect_eq(finish(j, &good, CB_E_FETCH_FAILED, PKI_NOW, now_ms, NULL), CB_E_FETCH_FAILED, "said again");
}

Test(asked, holds_a_bad_answer_against_the_certificate_alone)
{
    want(1);
    want(2);
    struct cb_job *j = next(0);
    cr_expect_eq(finish(j, &good, CB_E_OCSP_SIGNER, PKI_NOW, 0, NULL), CB_E_OCSP_SIGNER);
    j = next(0);
    cr_assert_not_null(j, "the other one");
    cr_expect_eq(finish(j, &good, CB_E_NONE, PKI_NOW, 0, NULL), CB_E_NONE);
    cr_expect_null(next(999));
    j = next(1000);
    cr_assert_not_null(j);
    (void)finish(j, &good, CB_E_NONE, PKI_NOW, 0, NULL);
    cr_expect_eq(answers(), 2);
}

Test(asked, gives_up_after_a_few_tries_until_it_is_wanted_again)
{
    int64_t now_ms = 0;
    int tries = 0;
    want(1);
    for (struct cb_job *j = next(now_ms); j != NULL; j = next(now_ms)) {
        (void)finish(j, &good, CB_E_OCSP_SIGNER, PKI_NOW, now_ms, NULL);
        now_ms += 60 * 1000;
        tries++;
    }
    cr_expect_eq(tries, 4);
    want(1);
    struct cb_job *j = next(now_ms);
    cr_assert_not_null(j);
    cb_job_free(j);
}

Test(asked, names_the_certificate_by_another_digest_when_refused)
{
    want(1);
    struct cb_job *j = next(0);
    cr_expect_eq(j->hash, CB_OCSP_SHA1);
    (void)finish(j, &good, CB_E_OCSP_REFUSED, PKI_NOW, 0, NULL);
    j = next(1000);
    cr_assert_not_null(j);
    cr_expect_eq(j->hash, CB_OCSP_SHA256);
    (void)finish(j, &good, CB_E_NONE, PKI_NOW, 0, NULL);
}

Test(asked, keeps_the_newer_answer)
{
    const struct cb_ocsp_answer replayed = { .status = CB_OCSP_GOOD,
                                             .this_update = PKI_NOW - 1,
                                             .next_update = PKI_NOW + HOUR };
    const struct cb_ocsp_answer revoked = { .status = CB_OCSP_REVOKED,
                                            .this_update = PKI_NOW,
                                            .next_update = PKI_NOW + 30 };
    want(1);
    (void)finish(next(0), &revoked, CB_E_NONE, PKI_NOW, 0, NULL);
    want_at(1, responder, PKI_NOW + 20);
    struct cb_job *j = next(0);
    cr_assert_not_null(j);
    cr_expect_eq(finish(j, &replayed, CB_E_NONE, PKI_NOW + 20, 0, NULL), CB_E_OCSP_EXPIRED);
    struct cb_answers *t = cb_asked_answers(asked);
    cr_expect_eq(t->all[0].status, CB_OCSP_REVOKED);
    cb_answers_unref(t);
}

/* --- limits --- */

static void answer_all(const struct cb_ocsp_answer *a)
{
    for (struct cb_job *j = next(0); j != NULL; j = next(0)) {
        (void)finish(j, a, CB_E_NONE, PKI_NOW, 0, NULL);
    }
}

Test(asked, has_room_for_so_many_and_forgets_what_has_ended_but_not_who_was_revoked)
{
    const struct cb_ocsp_answer revoked = { .status = CB_OCSP_REVOKED,
                                            .this_update = PKI_NOW,
                                            .next_update = PKI_NOW + HOUR };
    want(UINT32_MAX);
    answer_all(&revoked);
    for (uint32_t i = 1; i < CB_LIMIT_OCSP_ANSWERS; i++) {
        want(i);
        answer_all(&good);
    }
    cr_expect_eq(answers(), CB_LIMIT_OCSP_ANSWERS);
    want(CB_LIMIT_OCSP_ANSWERS);
    cr_expect_null(next(0), "no room");
    want_at(CB_LIMIT_OCSP_ANSWERS, responder, PKI_NOW + HOUR);
    answer_all(&good);
    cr_expect_eq(answers(), 2, "the new one and the revoked one");
}

Test(asked, tells_so_many_responders_apart_and_takes_the_rest_for_one)
{
    char url[64];
    struct cb_job *jobs[70] = { NULL };
    size_t under_way = 0;
    for (uint32_t i = 0; i < 70; i++) {
        (void)snprintf(url, sizeof url, "http://r%u.example/", i);
        want_at(i, cb_str_of(url), PKI_NOW);
    }
    while ((jobs[under_way] = next(0)) != NULL) {
        under_way++;
    }
    cr_expect_eq(under_way, 63 + 3);
    for (size_t i = 0; i < under_way; i++) {
        (void)finish(jobs[i], &good, CB_E_NONE, PKI_NOW, 0, NULL);
    }
}

Test(asked, tells_of_each_responder_what_is_known)
{
    struct cb_revocation_responder rows[4];
    static const struct cb_ocsp_answer revoked = { .status = CB_OCSP_REVOKED,
                                                   .this_update = PKI_NOW,
                                                   .next_update = PKI_NOW + 60 };
    static const struct cb_ocsp_answer sooner = { .status = CB_OCSP_GOOD,
                                                  .this_update = PKI_NOW,
                                                  .next_update = PKI_NOW + 900 };
    cr_expect_eq(cb_asked_responders(asked, rows, 4), 0);
    want(1);
    finish(next(0), &good, CB_E_NONE, PKI_NOW, 0, NULL);
    want(2);
    finish(next(0), &sooner, CB_E_NONE, PKI_NOW, 0, NULL);
    want(3);
    finish(next(0), &revoked, CB_E_NONE, PKI_NOW, 0, NULL);
    want_at(4, other_responder, PKI_NOW);
    finish(next(0), &good, CB_E_FETCH_FAILED, PKI_NOW, 0, NULL);
    cr_assert_eq(cb_asked_responders(asked, rows, 4), 2);
    const size_t first = strcmp(rows[0].origin, "http://ocsp.example") == 0 ? 0 : 1;
    const struct cb_revocation_responder *one = &rows[first], *other = &rows[1 - first];
    cr_expect_str_eq(one->group, "partners");
    cr_expect_eq(one->good, 2);
    cr_expect_eq(one->revoked, 1);
    cr_expect_eq(one->unknown + one->waiting, 0);
    cr_expect_eq(one->next_update, PKI_NOW + 900);
    cr_expect_eq(one->failure, CB_E_NONE);
    cr_expect_str_eq(other->origin, "http://other.example");
    cr_expect_eq(other->waiting, 1);
    cr_expect_eq(other->next_update, INT64_MAX);
    cr_expect_eq(other->failure, CB_E_FETCH_FAILED);
    cr_expect_eq(cb_asked_responders(asked, rows, 1), 1, "no more than there is room for");
}
