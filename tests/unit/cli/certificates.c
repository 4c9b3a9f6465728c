#include <criterion/criterion.h>
#include <time.h>

#include "bench.h"
#include "store/store.h"

static char digest_a[32], digest_b[32];

/* One that was replaced and is used still, and its successor. */
static void see_two(const struct bench *b, time_t now)
{
    char where[200];
    struct cb_store *store = NULL;
    memset(digest_a, 'a', 32);
    memset(digest_b, 'b', 32);
    const struct cb_seen_certificate all[] = {
        { .client_id = CB_STR("partner-a"),
          .x5t = { digest_a, 32 },
          .subject = CB_STR("CN=old"),
          .not_after = now + 20 * (time_t)86400 + 60,
          .first_seen = 1,
          .last_seen = now },
        { .client_id = CB_STR("partner-a"),
          .x5t = { digest_b, 32 },
          .subject = CB_STR("CN=new"),
          .not_after = now + 90 * (time_t)86400 + 60,
          .first_seen = now - 60,
          .last_seen = now },
    };
    snprintf(where, sizeof where, "sqlite:%s/certbound.db", b->dir);
    cr_assert_not(CB_FAILED(cb_store_open(where, &store, NULL)));
    cr_assert_not(CB_FAILED(cb_store_certificates_seen(store, all, 2, NULL)));
    cb_store_close(store);
}

/* "STATE SUBJECT, " of each in the order of the list. */
static void expect_states(struct bench *b, const char *want)
{
    char memory[200];
    struct cb_buf got;
    json_t *j = bench_json(b), *c = NULL;
    size_t i = 0;
    cb_buf_over(&got, memory, sizeof memory);
    json_array_foreach(json_object_get(j, "certificates"), i, c)
    {
        cb_buf_add_fmt(&got, "%s %s, ", json_string_value(json_object_get(c, "state")),
                       json_string_value(json_object_get(c, "subject")));
    }
    cr_expect(cb_str_is(cb_buf_str(&got), want), CB_STR_FMT " instead of %s", CB_STR_ARG(cb_buf_str(&got)),
              want);
    json_decref(j);
}

Test(certificates, are_listed_by_their_end)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "client", "certificates", "--json"), CB_EXIT_OK, "%s", b.r.err);
    expect_states(&b, "");
    see_two(&b, time(NULL));
    cr_expect_eq(COMMAND(&b, "client", "certificates", "--json"), CB_EXIT_OK, "%s", b.r.err);
    expect_states(&b, "replaced_in_use CN=old, current CN=new, ");
    cr_expect_eq(COMMAND(&b, "client", "certificates", "--expiring-within", "30d", "--json"), CB_EXIT_OK);
    expect_states(&b, "replaced_in_use CN=old, ");
    cr_expect_eq(COMMAND(&b, "client", "certificates", "partner-b", "--json"), CB_EXIT_OK);
    expect_states(&b, "");
    cr_expect_eq(COMMAND(&b, "client", "certificates", "partner-a"), CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "replaced_in_use"), "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, "\n20 "), "%s", b.r.out);
    cr_expect_eq(COMMAND(&b, "client", "certificates", "nobody"), CB_EXIT_REFUSED);
    static const char *const bad[] = { "30", "d", "30h", "-1d", "30dd", "10000d", " 3d" };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        cr_expect_eq(COMMAND(&b, "client", "certificates", "--expiring-within", bad[i]), CB_EXIT_USAGE, "%s",
                     bad[i]);
    }
    cr_expect_eq(COMMAND(&b, "client", "certificates", "--expiring-within", "9999d"), CB_EXIT_OK);
    bench_close(&b);
}

#define X5T_A "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"

Test(certificates, are_revoked_by_thumbprint)
{
    struct bench b;
    bench_open(&b);
    see_two(&b, time(NULL));
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", X5T_A, "--reason", "lost"), CB_EXIT_OK, "%s",
                 b.r.err);
    cr_expect_str_eq(b.r.out, X5T_A " of partner-a is revoked\n");
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", X5T_A), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "already"), "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "client", "certificates", "--json"), CB_EXIT_OK);
    expect_states(&b, "revoked CN=old, current CN=new, ");
    cr_expect_eq(COMMAND(&b, "client", "unrevoke-certificate", X5T_A), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "client", "unrevoke-certificate", X5T_A), CB_EXIT_REFUSED);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                 CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "no client was seen with it"), "%s", b.r.out);
    bench_close(&b);
}

Test(certificates, are_revoked_by_file)
{
    struct bench b;
    bench_open(&b);
    char cert[128];
    bench_path(&b, "partner-a.pem", cert);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", cert), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "explain", cert), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.out, "certificate_revoked"), "%s", b.r.out);
    cr_expect_eq(COMMAND(&b, "client", "unrevoke-certificate", cert), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "explain", cert), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", b.config), CB_EXIT_REFUSED);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", "/nonexistent"), CB_EXIT_REFUSED);
    bench_close(&b);
}

Test(certificates, revoked_are_listed_with_their_end)
{
    static const char x5t[] = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";
    struct bench b;
    char cert[128];
    bench_open(&b);
    bench_path(&b, "partner-a.pem", cert);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", x5t, "--not-after", "2020-01-01T00:00:00Z"),
                 CB_EXIT_USAGE);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", x5t, "--not-after", "2999-01-01"),
                 CB_EXIT_USAGE);
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", cert, "--not-after", "2999-01-01T00:00:00Z"),
                 CB_EXIT_USAGE, "a certificate says it itself");
    cr_expect_eq(COMMAND(&b, "client", "revoke-certificate", x5t, "--not-after", "2999-01-01T00:00:00Z",
                         "--reason", "lost"),
                 CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "client", "revocations"), CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "2999-01-01T00:00:00Z"), "%s", b.r.out);
    cr_assert_eq(COMMAND(&b, "client", "revocations", "--json"), CB_EXIT_OK);
    json_t *j = bench_json(&b);
    const json_t *r = json_array_get(json_object_get(j, "revocations"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(r, "x5t#S256")), x5t);
    cr_expect_str_eq(json_string_value(json_object_get(r, "expires_at")), "2999-01-01T00:00:00Z");
    cr_expect_str_eq(json_string_value(json_object_get(r, "reason")), "lost");
    json_decref(j);
    cr_assert_eq(COMMAND(&b, "client", "revocations", "partner-a", "--json"), CB_EXIT_OK);
    j = bench_json(&b);
    cr_expect_eq(json_array_size(json_object_get(j, "revocations")), 0);
    json_decref(j);
    bench_close(&b);
}
