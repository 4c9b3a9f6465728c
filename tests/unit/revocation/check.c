#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "revocation/view.h"
#include "testlib/crl.h"

enum { HOUR = 3600, DAY = 86400 };

static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value sub_name[] = { { .type = "CN", .value = "Sub CA" }, { .type = NULL } };

static struct cb_arena arena;
static struct pki_cert *ca, *sub, *namesake, *leaf;
static struct cb_trust *trust;
static struct cb_trust_path *path;
static struct cb_cert cert;

/* ca issued sub, sub issued the leaf. */
static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .issuer = ca, .ca = true });
    namesake = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true });
    leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
    char *pem = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    const struct cb_pem_text text = { "anchors.pem", cb_str_of(pem) };
    const struct cb_trust_options o = { .anchors = &text, .anchor_count = 1, .depth = 4 };
    const struct cb_str chain[] = { pki_der(sub) };
    cr_assert_not(CB_FAILED(cb_trust_new(&o, &trust, NULL)));
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(leaf), &cert, NULL)));
    cr_assert_not(CB_FAILED(cb_trust_check(trust, &cert, chain, 1, PKI_NOW, &path, NULL)));
    free(pem);
}

static void teardown(void)
{
    cb_trust_path_unref(path);
    cb_trust_free(trust);
    pki_free(leaf);
    pki_free(namesake);
    pki_free(sub);
    pki_free(ca);
    cb_arena_done(&arena);
}

TestSuite(revocation_check, .init = setup, .fini = teardown);

/* --- what is known --- */

enum revoked { NOBODY, THE_LEAF, THE_SUB };

enum by { NO_LIST, SUB, CA, NAMESAKE };

struct list {
    enum by by;
    enum revoked revokes;
    int64_t next_update; /* tomorrow */
    struct cb_str point; /* an issuingDistributionPoint */
};

static struct cb_crl *list_of(const struct list *l)
{
    const struct pki_cert *const issuers[] = { [SUB] = sub, [CA] = ca, [NAMESAKE] = namesake };
    struct cb_buf entries, extensions;
    struct cb_crl *list = NULL;
    size_t n = 0;
    cb_buf_init(&entries, 4096);
    cb_buf_init(&extensions, 4096);
    if (l->revokes != NOBODY) {
        crl_entry(&entries, path->links[l->revokes == THE_LEAF ? 0 : 1].serial, (struct cb_str){ 0 });
    }
    if (l->point.n > 0) {
        crl_extension(&extensions, CB_STR("\x55\x1d\x1c"), true, l->point);
    }
    char *der = crl_issue(&(struct crl_spec){ .issuer = issuers[l->by],
                                              .entries = cb_buf_str(&entries),
                                              .extensions = cb_buf_str(&extensions),
                                              .this_update = PKI_NOW - 2 * DAY,
                                              .next_update = l->next_update },
                          &n);
    const struct cb_str cas[] = { pki_der(ca), pki_der(sub), pki_der(namesake) };
    cr_assert_not(CB_FAILED(cb_crl_read((struct cb_str){ der, n }, cas, 3, PKI_NOW, &list, NULL)));
    free(der);
    cb_buf_done(&entries);
    cb_buf_done(&extensions);
    return list;
}

enum answered { NOT, GOOD, UNKNOWN, REVOKED };

/* The responder's word on the leaf. */
struct answer {
    enum answered is;
    int64_t next_update, refresh_at; /* tomorrow, in an hour */
};

static struct cb_answers *answers_of(const struct answer *a)
{
    static const enum cb_ocsp_status statuses[] = {
        [GOOD] = CB_OCSP_GOOD, [UNKNOWN] = CB_OCSP_UNKNOWN, [REVOKED] = CB_OCSP_REVOKED
    };
    struct cb_answers *t = cb_answers_new(1);
    const struct cb_trust_link *l = &path->links[0];
    if (a->is != NOT) {
        t->all[t->count++] = (struct cb_answer){
            .status = statuses[a->is],
            .next_update = a->next_update != 0 ? a->next_update : PKI_NOW + DAY,
            .refresh_at = a->refresh_at != 0 ? a->refresh_at : PKI_NOW + HOUR,
        };
        cr_assert(cb_answer_key_of(&l->issuer->key, l->serial, &t->all[0].key));
    }
    return t;
}

static struct cb_revocation_view *view_of(struct cb_desk *desk, const struct list lists[2],
                                          const struct answer *answer, int64_t since)
{
    struct cb_revocation_view *v = cb_view_new(cb_desk_ref(desk), answers_of(answer), 1, 2, 0);
    struct cb_view_group *g = cb_arena_array(&v->arena, 1, sizeof *g);
    v->lists = cb_arena_array(&v->arena, 2, sizeof *v->lists);
    for (size_t i = 0; i < 2; i++) {
        v->lists[v->list_count++] = (struct cb_view_list){
            .location = "list.crl",
            .crl = lists[i].by == NO_LIST ? NULL : list_of(&lists[i]),
        };
    }
    *g = (struct cb_view_group){ .name = "partners", .since = since, .count = 2 };
    v->groups = g;
    v->group_count = 1;
    return v;
}

/* --- the table --- */

#define USERS_ONLY CB_STR("\x30\x03\x81\x01\xff")
#define CAS_ONLY   CB_STR("\x30\x03\x82\x01\xff")
#define REASONS_A  CB_STR("\x30\x05\x83\x03\x07\x70\x00")
#define REASONS_B  CB_STR("\x30\x05\x83\x03\x07\x0f\x80")

struct row {
    const char *what, *check;
    enum cb_code code;
    int64_t grace;
    struct list lists[2];
    struct answer answer;
    int64_t until; /* 0: does not matter */
    int64_t since; /* half an hour ago */
    bool asks;
};

static const struct row rows[] = {
    { "off", "off", CB_E_NONE, .until = INT64_MAX },
    { "off, though listed", "off", CB_E_NONE, .lists = { { .by = SUB, .revokes = THE_LEAF } },
      .until = INT64_MAX },

    { "no list", "crl", CB_E_REVOCATION_UNKNOWN, .asks = true },
    { "on no list", "crl", CB_E_NONE, .lists = { { .by = SUB } }, .until = PKI_NOW + DAY - 1 },
    { "on the list", "crl", CB_E_CERT_REVOKED, .lists = { { .by = SUB, .revokes = THE_LEAF } } },
    { "on the second list", "crl", CB_E_CERT_REVOKED,
      .lists = { { .by = SUB }, { .by = SUB, .revokes = THE_LEAF } } },
    { "a list of the anchor alone", "crl", CB_E_REVOCATION_UNKNOWN, .lists = { { .by = CA } }, .asks = true },
    { "the intermediate is on its list", "crl", CB_E_CERT_REVOKED,
      .lists = { { .by = SUB }, { .by = CA, .revokes = THE_SUB } } },
    { "the leaf's number on the list of another CA", "crl", CB_E_NONE,
      .lists = { { .by = SUB }, { .by = CA, .revokes = THE_LEAF } } },
    { "a same-named CA revokes", "crl", CB_E_NONE,
      .lists = { { .by = SUB }, { .by = NAMESAKE, .revokes = THE_LEAF } } },
    { "a same-named CA says nothing", "crl", CB_E_REVOCATION_UNKNOWN, .lists = { { .by = NAMESAKE } },
      .asks = true },
    { "an old list", "crl", CB_E_REVOCATION_UNKNOWN, .lists = { { .by = SUB, .next_update = PKI_NOW } },
      .asks = true },
    { "on an old list, in grace", "crl", CB_E_CERT_REVOKED, .grace = HOUR,
      .lists = { { .by = SUB, .revokes = THE_LEAF, .next_update = PKI_NOW - 1 } } },
    { "ends in a second", "crl", CB_E_NONE, .lists = { { .by = SUB, .next_update = PKI_NOW + 1 } },
      .until = PKI_NOW },

    { "a list of users", "crl", CB_E_NONE, .lists = { { .by = SUB, .point = USERS_ONLY } } },
    { "a list of CAs", "crl", CB_E_REVOCATION_UNKNOWN, .lists = { { .by = SUB, .point = CAS_ONLY } },
      .asks = true },
    { "on a list of CAs", "crl", CB_E_CERT_REVOKED,
      .lists = { { .by = SUB, .revokes = THE_LEAF, .point = CAS_ONLY } } },
    { "some reasons", "crl", CB_E_REVOCATION_UNKNOWN, .lists = { { .by = SUB, .point = REASONS_A } },
      .asks = true },
    { "all reasons, on two lists", "crl", CB_E_NONE,
      .lists = { { .by = SUB, .point = REASONS_A },
                 { .by = SUB, .next_update = PKI_NOW + 9, .point = REASONS_B } },
      .until = PKI_NOW + 8 },

    { "in grace", "crl", CB_E_NONE, .grace = HOUR,
      .lists = { { .by = SUB, .next_update = PKI_NOW - HOUR + 2 } }, .until = PKI_NOW + 1, .asks = true },
    { "in grace, long", "crl", CB_E_NONE, .grace = DAY,
      .lists = { { .by = SUB, .next_update = PKI_NOW - HOUR } }, .until = PKI_NOW + 10, .asks = true },
    { "out of grace", "crl", CB_E_REVOCATION_UNKNOWN, .grace = HOUR,
      .lists = { { .by = SUB, .next_update = PKI_NOW - HOUR } }, .asks = true },
    { "in grace, never a list", "crl", CB_E_NONE, .grace = HOUR, .asks = true },
    { "out of grace, never a list", "crl", CB_E_REVOCATION_UNKNOWN, .grace = HOUR, .asks = true,
      .since = PKI_NOW - HOUR },

    { "asked, no answer", "ocsp", CB_E_REVOCATION_UNKNOWN, .asks = true },
    { "asked, a list does not count", "ocsp", CB_E_REVOCATION_UNKNOWN, .lists = { { .by = SUB } },
      .asks = true },
    { "asked, good", "ocsp", CB_E_NONE, .answer = { .is = GOOD }, .until = PKI_NOW + HOUR },
    { "asked, good, to be renewed", "ocsp", CB_E_NONE, .answer = { .is = GOOD, .refresh_at = PKI_NOW },
      .until = PKI_NOW + 10, .asks = true },
    { "asked, good, ending", "ocsp", CB_E_NONE,
      .answer = { .is = GOOD, .refresh_at = PKI_NOW, .next_update = PKI_NOW + 1 }, .until = PKI_NOW,
      .asks = true },
    { "asked, ended", "ocsp", CB_E_REVOCATION_UNKNOWN, .answer = { .is = GOOD, .next_update = PKI_NOW },
      .asks = true },
    { "asked, ended, in grace", "ocsp", CB_E_NONE, .grace = HOUR,
      .answer = { .is = GOOD, .next_update = PKI_NOW }, .until = PKI_NOW + 10, .asks = true },
    { "asked, revoked", "ocsp", CB_E_CERT_REVOKED, .answer = { .is = REVOKED } },
    { "asked, revoked, to be renewed", "ocsp", CB_E_CERT_REVOKED,
      .answer = { .is = REVOKED, .refresh_at = PKI_NOW }, .asks = true },
    { "asked, revoked, ended", "ocsp", CB_E_CERT_REVOKED, .grace = DAY,
      .answer = { .is = REVOKED, .next_update = PKI_NOW - 1, .refresh_at = PKI_NOW - 2 }, .asks = true },
    { "asked, not known there", "ocsp", CB_E_REVOCATION_UNKNOWN, .grace = DAY, .answer = { .is = UNKNOWN },
      .asks = true },

    { "both, neither", "both", CB_E_REVOCATION_UNKNOWN, .asks = true },
    { "both, on no list", "both", CB_E_NONE, .lists = { { .by = SUB } }, .until = PKI_NOW + DAY - 1 },
    { "both, on the list", "both", CB_E_CERT_REVOKED, .lists = { { .by = SUB, .revokes = THE_LEAF } },
      .answer = { .is = GOOD } },
    { "both, good answer", "both", CB_E_NONE, .answer = { .is = GOOD }, .until = PKI_NOW + HOUR },
    { "both, revoked answer", "both", CB_E_CERT_REVOKED, .lists = { { .by = SUB } },
      .answer = { .is = REVOKED } },
    { "both, not known there, on no list", "both", CB_E_NONE, .lists = { { .by = SUB } },
      .answer = { .is = UNKNOWN } },
    { "both, old list, good answer", "both", CB_E_NONE, .lists = { { .by = SUB, .next_update = PKI_NOW } },
      .answer = { .is = GOOD } },
};

static bool was_asked(struct cb_desk *desk)
{
    struct cb_ask ask = { .group = NULL };
    const bool asked = cb_desk_take(desk, &ask);
    cb_ask_done(&ask);
    return asked;
}

static enum cb_code check(const struct cb_revocation_view *v, const char *kind, int64_t grace, int64_t *until)
{
    const struct cb_config_trust_group group = { .name = "partners",
                                                 .revocation = { .check = kind, .grace_s = grace } };
    struct cb_err err = { 0 };
    (void)cb_revocation_check(v, &group, path, &cert, PKI_NOW, until, &err).v_;
    return err.code;
}

Test(revocation_check, follows_the_policy)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct cb_desk *desk = cb_desk_new();
        struct cb_revocation_view *v =
            view_of(desk, r->lists, &r->answer, r->since != 0 ? r->since : PKI_NOW - HOUR / 2);
        int64_t until = 0;
        const enum cb_code code = check(v, r->check, r->grace, &until);
        cr_expect_eq(code, r->code, "%s: %s", r->what, cb_code_reason(code));
        cr_expect(r->until == 0 || until == r->until, "%s: now + %lld", r->what,
                  (long long)(until - PKI_NOW));
        cr_expect_eq(was_asked(desk), r->asks, "%s", r->what);
        cb_revocation_view_unref(v);
        cb_desk_unref(desk);
    }
}

Test(revocation_check, knows_nothing_without_a_view_or_its_group)
{
    static const char *const kinds[] = { "crl", "ocsp", "both" };
    struct cb_desk *desk = cb_desk_new();
    struct cb_revocation_view *v = cb_view_new(cb_desk_ref(desk), cb_answers_new(0), 0, 0, 0);
    int64_t until = 0;
    for (size_t i = 0; i < CB_COUNT(kinds); i++) {
        cr_expect_eq(check(NULL, kinds[i], DAY, &until), CB_E_REVOCATION_UNKNOWN, "%s", kinds[i]);
        cr_expect_eq(check(v, kinds[i], DAY, &until), CB_E_REVOCATION_UNKNOWN, "%s", kinds[i]);
    }
    cr_expect_eq(check(NULL, "off", 0, &until), CB_E_NONE);
    cb_revocation_view_unref(v);
    cb_desk_unref(desk);
}

Test(revocation_check, counts_what_it_finds)
{
    struct cb_desk *desk = cb_desk_new();
    const struct list fresh[2] = { { .by = SUB } }, revoking[2] = { { .by = SUB, .revokes = THE_LEAF } };
    const struct list none[2] = { { .by = NO_LIST } };
    int64_t until = 0;
    const struct {
        const struct list *lists;
        int64_t grace;
        enum cb_desk_outcome outcome;
    } steps[] = {
        { fresh, 0, CB_DESK_GOOD },
        { none, DAY, CB_DESK_STALE },
        { none, 0, CB_DESK_UNKNOWN },
        { revoking, 0, CB_DESK_REVOKED },
    };
    for (size_t i = 0; i < CB_COUNT(steps); i++) {
        struct cb_revocation_view *v =
            view_of(desk, steps[i].lists, &(const struct answer){ .is = NOT }, PKI_NOW - HOUR);
        cr_expect_eq(cb_desk_counted(desk, steps[i].outcome), 0);
        (void)check(v, "crl", steps[i].grace, &until);
        cr_expect_eq(cb_desk_counted(desk, steps[i].outcome), 1, "step %zu", i);
        cb_revocation_view_unref(v);
    }
    cb_desk_unref(desk);
}

/* --- the desk --- */

Test(revocation_check, leaves_a_wish_once_and_no_more_than_there_is_room_for)
{
    struct cb_desk *desk = cb_desk_new();
    char other[sizeof(uint32_t)] = { 0 };
    size_t taken = 0;
    cb_desk_leave(desk, CB_STR("partners"), path, cert.der, false);
    cb_desk_leave(desk, CB_STR("partners"), path, cert.der, false);
    cr_expect(was_asked(desk));
    cr_expect_not(was_asked(desk));
    for (uint32_t i = 0; i < 1000; i++) {
        memcpy(other, &i, sizeof i);
        cb_desk_leave(desk, CB_STR("partners"), path, (struct cb_str){ other, sizeof other }, false);
    }
    while (was_asked(desk)) {
        taken++;
    }
    cr_expect_eq(taken, 128);
    cb_desk_close(desk);
    cb_desk_leave(desk, CB_STR("partners"), path, cert.der, false);
    cr_expect_not(was_asked(desk), "closed");
    cb_desk_unref(desk);
}
