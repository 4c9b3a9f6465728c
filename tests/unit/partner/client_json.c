#include "partner/client_json.h"

#include <criterion/criterion.h>

enum { DAY = 86400, NOW = 100 * DAY };

static const struct {
    int64_t not_after, last_seen, replaced_at;
    bool revoked;
    const char *state;
} states[] = {
    { NOW, NOW, 0, false, "current" },
    { NOW + DAY, 1, 0, false, "current" },
    { NOW - 1, NOW, 0, false, "expired" },
    { NOW - 1, NOW, NOW, false, "expired" },
    { NOW + DAY, NOW - 2, NOW - 1, false, "replaced" },
    { NOW + DAY, NOW - 1, NOW - 1, false, "replaced_in_use" },
    { NOW + DAY, NOW - DAY + 1, 1, false, "replaced_in_use" },
    { NOW + DAY, NOW - DAY, 1, false, "replaced" },
    { NOW + DAY, 0, 0, false, "not_seen" },
    { NOW + DAY, 0, NOW, false, "not_seen" },
    { NOW - 1, 0, 0, false, "expired" },
    { NOW + DAY, NOW, 0, true, "revoked" },
    { NOW + DAY, 0, 0, true, "revoked" },
    { NOW - 1, NOW, NOW, true, "revoked" },
};

Test(client_json, the_state_of_a_certificate)
{
    for (size_t i = 0; i < CB_COUNT(states); i++) {
        const struct cb_seen_certificate c = { .not_after = states[i].not_after,
                                               .last_seen = states[i].last_seen,
                                               .replaced_at = states[i].replaced_at };
        cr_expect_str_eq(cb_seen_state(&c, states[i].revoked, NOW), states[i].state, "row %zu", i);
    }
}

Test(client_json, a_certificate)
{
    static const char digest[32];
    const struct cb_seen_certificate c = { .client_id = CB_STR("acme"),
                                           .x5t = { digest, sizeof digest },
                                           .subject = CB_STR("CN=a"),
                                           .issuer = CB_STR("CN=\"ca\""),
                                           .serial = CB_STR("0a"),
                                           .not_after = NOW + 2 * DAY,
                                           .first_seen = 1,
                                           .last_seen = 2 };
    struct cb_buf b;
    cb_buf_init(&b, 4096);
    struct cb_json_out j = cb_json_out(&b);
    cb_seen_json(&c, false, NOW, &j);
    cr_expect(
        cb_str_is(
            cb_buf_str(&b),
            "{\"client_id\":\"acme\",\"x5t#S256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
            "\"subject\":\"CN=a\",\"issuer\":\"CN=\\\"ca\\\"\",\"serial\":\"0a\","
            "\"not_before\":\"1970-01-01T00:00:00Z\",\"not_after\":\"1970-04-13T00:00:00Z\",\"days_left\":2,"
            "\"first_seen\":\"1970-01-01T00:00:01Z\",\"last_seen\":\"1970-01-01T00:00:02Z\","
            "\"state\":\"current\"}"),
        CB_STR_FMT, CB_STR_ARG(cb_buf_str(&b)));
    cb_buf_done(&b);
}

/* What did not happen yet has no time. */
Test(client_json, a_certificate_that_was_never_seen)
{
    static const char digest[32];
    const struct cb_seen_certificate c = { .client_id = CB_STR("acme"),
                                           .x5t = { digest, sizeof digest },
                                           .not_after = NOW + DAY };
    char memory[1024];
    struct cb_buf b;
    cb_buf_over(&b, memory, sizeof memory);
    struct cb_json_out j = cb_json_out(&b);
    cb_seen_json(&c, false, NOW, &j);
    cb_buf_add_char(&b, '\0');
    cr_expect_null(strstr(memory, "_seen\":\"19"), "%s", memory);
    cr_expect_not_null(strstr(memory, "\"state\":\"not_seen\""), "%s", memory);
}
