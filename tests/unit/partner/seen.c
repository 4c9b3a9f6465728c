#include "partner/seen.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/limits.h"
#include "partner/key_wishes.h"
#include "testlib/pki.h"

static struct cb_arena arena;
static struct pki_cert *cert_der;
static struct cb_cert cert;

static void setup(void)
{
    static const struct pki_value name[] = { { .type = "CN", .value = "a" }, { .type = NULL } };
    struct cb_err err = { 0 };
    cb_arena_init(&arena, 64 * CB_MIB);
    cert_der = pki_issue(&(struct pki_spec){ .subject = name });
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(cert_der), &cert, &err)), "%s", err.detail);
}

static void teardown(void)
{
    pki_free(cert_der);
    cb_arena_done(&arena);
}

TestSuite(seen, .init = setup, .fini = teardown);

Test(seen, is_taken_once_and_again_when_an_hour_old)
{
    struct cb_seen *s = cb_seen_new();
    struct cb_seen_certificate out[4];
    const struct cb_key_hash issuer = { .b = { 7 } };
    cb_seen_note(s, CB_STR("a"), &cert, &issuer, 1000);
    cb_seen_note(s, CB_STR("a"), &cert, &issuer, 1500);
    cb_seen_note(s, CB_STR("b"), &cert, NULL, 1500);
    cr_assert_eq(cb_seen_take(s, &arena, out, 4), 2);
    const size_t a = cb_str_is(out[0].client_id, "a") ? 0 : 1;
    cr_expect(out[a].first_seen == 1000 && out[a].last_seen == 1500);
    cr_expect(out[a].issuer_key.n == 32 && out[a].issuer_key.p[0] == 7);
    cr_expect_eq(out[1 - a].issuer_key.n, 0);
    cr_expect(cb_str_is(out[a].subject, "CN=a"));
    cr_expect(out[a].x5t.n == 32 && out[a].not_after == cert.not_after && out[a].serial.n > 0);
    cr_expect_eq(cb_seen_take(s, &arena, out, 4), 2, "what was not kept is taken again");
    cb_seen_kept(s, out, 2);
    cr_expect_eq(cb_seen_take(s, &arena, out, 4), 0);
    cb_seen_note(s, CB_STR("a"), &cert, &issuer, 1500 + 3599);
    cr_expect_eq(cb_seen_take(s, &arena, out, 4), 0);
    cb_seen_note(s, CB_STR("a"), &cert, &issuer, 1500 + 3600);
    cr_assert_eq(cb_seen_take(s, &arena, out, 4), 1);
    cr_expect_eq(out[0].first_seen, 1000);
    cb_seen_free(s);
}

Test(seen, holds_only_so_many)
{
    struct cb_seen *s = cb_seen_new();
    enum { MOST = 16384 };
    struct cb_seen_certificate *out = cb_arena_array(&arena, MOST + 10, sizeof *out);
    char id[16];
    for (int i = 0; i < MOST + 10; i++) {
        (void)snprintf(id, sizeof id, "c%d", i);
        cert.x5t.b[0] = (uint8_t)i;
        cert.x5t.b[1] = (uint8_t)(i >> 8);
        cb_seen_note(s, cb_str_of(id), &cert, NULL, 1000);
    }
    cr_assert_eq(cb_seen_take(s, &arena, out, MOST + 10), MOST);

    /* Once the store has them there is room again, and what it does not have stays. */
    cb_seen_kept(s, out, MOST - 1);
    cb_seen_note(s, CB_STR("new"), &cert, NULL, 1001);
    cb_seen_note(s, CB_STR("newer"), &cert, NULL, 1002);
    const struct cb_str waiting = out[MOST - 1].client_id;
    struct cb_seen_certificate *left = cb_arena_array(&arena, MOST + 10, sizeof *left);
    cr_assert_eq(cb_seen_take(s, &arena, left, MOST + 10), 3);
    bool still = false;
    for (size_t i = 0; i < 3; i++) {
        still = still || cb_str_eq(left[i].client_id, waiting);
    }
    cr_expect(still);
    cb_seen_free(s);
}

Test(seen, a_wish_is_granted_once_in_a_minute)
{
    struct cb_key_wishes *w = cb_key_wishes_new();
    struct cb_str id = { 0 };
    cr_expect_not(cb_key_wishes_take(w, &arena, &id));
    cr_expect(cb_key_wish(w, CB_STR("a"), 1000));
    cr_expect(cb_key_wish(w, CB_STR("a"), 1001), "still being asked");
    cr_assert(cb_key_wishes_take(w, &arena, &id));
    cr_expect(cb_str_is(id, "a"));
    cr_expect_not(cb_key_wishes_take(w, &arena, &id));
    cr_expect(cb_key_wish(w, CB_STR("a"), 1002), "being read");
    cb_key_wish_done(w, CB_STR("a"), false, 1003);
    cr_expect_not(cb_key_wish(w, CB_STR("a"), 1003));
    cr_expect_not(cb_key_wish(w, CB_STR("a"), 1062));
    cr_expect(cb_key_wish(w, CB_STR("b"), 1062));
    cr_expect(cb_key_wish(w, CB_STR("a"), 1063));
    cb_key_wish_done(w, CB_STR("a"), true, 1064);
    cr_expect(cb_key_wish(w, CB_STR("a"), 1065), "it was not in vain");
    cb_key_wish_done(w, CB_STR("a"), true, 1066);
    cr_expect_not(cb_key_wish(w, CB_STR("a"), 1067), "twice in a minute is enough");
    cr_expect_not(cb_key_wish(w, CB_STR("a"), 1125));
    cr_expect(cb_key_wish(w, CB_STR("a"), 1126));
    cb_key_wishes_free(w);
}

Test(seen, wishes_of_a_thousand_clients_and_no_more)
{
    struct cb_key_wishes *w = cb_key_wishes_new();
    char id[16];
    for (int i = 0; i < 1025; i++) {
        (void)snprintf(id, sizeof id, "c%d", i);
        cr_expect_eq(cb_key_wish(w, cb_str_of(id), 1000), i < 1024, "%d", i);
    }
    cb_key_wish_done(w, CB_STR("c0"), false, 1000);
    cr_expect_not(cb_key_wish(w, CB_STR("late"), 1059));
    cr_expect(cb_key_wish(w, CB_STR("late"), 1060));
    cb_key_wishes_free(w);
}
