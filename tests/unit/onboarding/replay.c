#include "onboarding/replay.h"

#include <criterion/criterion.h>
#include <stdio.h>

static enum cb_code remember(struct cb_replay *r, const char *signer, const char *jti, int64_t expires_at,
                             int64_t now)
{
    struct cb_err err = { 0 };
    (void)CB_FAILED(cb_replay_remember(r, cb_str_of(signer), cb_str_of(jti), expires_at, now, &err));
    return err.code;
}

Test(replay, lets_a_request_through_once)
{
    struct cb_replay *r = cb_replay_new();
    cr_expect_eq(remember(r, "s", "1", 100, 10), CB_E_NONE);
    cr_expect_eq(remember(r, "s", "1", 100, 99), CB_E_DCR_METADATA);
    cr_expect_eq(remember(r, "s", "2", 100, 10), CB_E_NONE);
    cr_expect_eq(remember(r, "t", "1", 100, 10), CB_E_NONE); /* each signer has its own */
    cr_expect_eq(remember(r, "s1", "", 100, 10), CB_E_NONE); /* and no two lists of parts are one */
    cr_expect_eq(remember(r, "s", "1", 200, 100), CB_E_NONE);
    cb_replay_free(r);
}

Test(replay, refuses_rather_than_forget)
{
    struct cb_replay *r = cb_replay_new();
    char jti[16];
    for (int i = 0; i < 4096; i++) {
        (void)snprintf(jti, sizeof jti, "%d", i);
        cr_assert_eq(remember(r, "s", jti, 100, 10), CB_E_NONE);
    }
    cr_expect_eq(remember(r, "s", "more", 100, 10), CB_E_LIMIT);
    cr_expect_eq(remember(r, "s", "0", 100, 10), CB_E_DCR_METADATA);
    cr_expect_eq(remember(r, "s", "more", 200, 100), CB_E_NONE);
    cb_replay_free(r);
}

Test(replay, frees_nothing)
{
    cb_replay_free(NULL);
}
