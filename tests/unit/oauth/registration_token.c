#include "oauth/registration_token.h"

#include <criterion/criterion.h>

static struct cb_arena arena;

static void setup(void)
{
    cb_arena_init(&arena, 1 << 16);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(registration_token, .init = setup, .fini = teardown);

Test(registration_token, is_known_by_its_hash)
{
    struct cb_str token, hash, again, hash_again, other, other_hash;
    cr_assert_not(CB_FAILED(cb_registration_token_new(&arena, &token, &hash, NULL)));
    cr_assert_not(CB_FAILED(cb_registration_token_new(&arena, &other, &other_hash, NULL)));
    cr_expect_eq(token.n, 43);
    cr_expect_eq(hash.n, 32);
    cr_expect_not(cb_str_eq(token, other));
    cr_expect_not(cb_str_eq(hash, other_hash));

    char header[64] = "bEARER ";
    memcpy(header + 7, token.p, token.n);
    cr_assert_not(CB_FAILED(cb_registration_token_read(&arena, (struct cb_str){ header, 7 + token.n }, &again,
                                                       &hash_again, NULL)));
    cr_expect(cb_str_eq(again, token));
    cr_expect(cb_str_eq(hash_again, hash));
}

Test(registration_token, is_refused_in_any_other_form)
{
    static const struct cb_str headers[] = {
        { NULL, 0 },
        CB_STR(""),
        CB_STR("Bearer"),
        CB_STR("Bearer "),
        CB_STR("Basic AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        CB_STR("BearerAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        CB_STR("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        CB_STR("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        CB_STR("Bearer  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    };
    for (size_t i = 0; i < CB_COUNT(headers); i++) {
        struct cb_str token, hash;
        struct cb_err err = { 0 };
        cr_expect(CB_FAILED(cb_registration_token_read(&arena, headers[i], &token, &hash, &err)));
        cr_expect_eq(err.code, CB_E_DCR_TOKEN);
    }
}
