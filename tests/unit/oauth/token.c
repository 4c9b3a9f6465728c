#include "oauth/token.h"

#include <criterion/criterion.h>

#include "partner/client.h"
#include "world.h"

static enum cb_code post(struct cb_str grant_type, unsigned grants)
{
    struct cb_arena arena;
    cb_arena_init(&arena, 1 << 16);
    const struct cb_client client = { .grants = grants };
    const struct cb_token_form form = { .grant_type = grant_type };
    struct cb_request rq = { .arena = &arena, .client = &client, .form = &form, .snapshot = &world };
    struct cb_reply out = { 0 };
    struct cb_err err = { 0 };
    (void)cb_token_post(NULL, &rq, &out, &err).v_;
    cr_expect_eq(out.kind, CB_REPLY_NONE);
    cb_arena_done(&arena);
    return err.code;
}

Test(token, knows_one_grant)
{
    static const char *const unknown[] = { "",
                                           "password",
                                           "authorization_code",
                                           "refresh_token",
                                           "Client_Credentials",
                                           "client_credentials ",
                                           "urn:ietf:params:oauth:grant-type:token-exchange" };
    const unsigned all = ~0U;
    for (size_t i = 0; i < CB_COUNT(unknown); i++) {
        cr_expect_eq(post(cb_str_of(unknown[i]), all), CB_E_GRANT_UNSUPPORTED, "%s", unknown[i]);
    }
    cr_expect_eq(post(CB_STR("client_credentials"), 0), CB_E_GRANT_NOT_ALLOWED);
    cr_expect_eq(post(CB_STR("client_credentials"), 1U << CB_GRANT_NONE), CB_E_GRANT_NOT_ALLOWED);
}
