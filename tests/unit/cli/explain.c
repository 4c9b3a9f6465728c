#include <criterion/criterion.h>

#include "bench.h"

Test(explain, tells_what_is_in_a_certificate)
{
    struct bench b;
    bench_open(&b);
    char cert[128];
    bench_path(&b, "server.pem", cert);
    RUN_COMMAND(&b.r, "explain", cert);
    cr_expect_eq(b.r.status, CB_EXIT_OK, "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.out, "CN=server,O=certbound dev,C=GB"), "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, "DNS:localhost"), "%s", b.r.out);
    bench_close(&b);
}

Test(explain, tells_whom_it_authenticates_and_why_not)
{
    struct bench b;
    bench_open(&b);
    char a[128], server[128];
    bench_path(&b, "partner-a.pem", a);
    bench_path(&b, "server.pem", server);
    cr_expect_eq(COMMAND(&b, "explain", a, "--json"), CB_EXIT_OK, "%s", b.r.err);
    json_t *j = bench_json(&b), *client = json_array_get(json_object_get(j, "clients"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(client, "client_id")), "partner-a");
    cr_expect(json_is_true(json_object_get(client, "good")));
    cr_expect_eq(json_array_size(json_object_get(j, "clients")), 1);
    cr_expect(json_is_true(json_object_get(json_array_get(json_object_get(j, "trust_groups"), 0), "good")));
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "explain", a, "--client", "partner-b", "--json"), CB_EXIT_REFUSED);
    j = bench_json(&b);
    client = json_array_get(json_object_get(j, "clients"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(client, "reason")), "certificate_subject_mismatch");
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "explain", server), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.out, "certificate_purpose_wrong"), "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, "no registered client"), "%s", b.r.out);
    cr_assert_eq(COMMAND(&b, "client", "disable", "partner-a"), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "explain", a), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.out, "client_disabled"), "%s", b.r.out);
    cr_expect_eq(COMMAND(&b, "explain", a, "--client", "nobody"), CB_EXIT_REFUSED);
    cr_expect_eq(COMMAND(&b, "explain", b.config), CB_EXIT_REFUSED);
    bench_close(&b);
}

/* What it says to run makes the certificate the client's. */
Test(explain, names_near_misses_and_how_to_register_them)
{
    static const char near[] =
        "partner-a: RDN 1: registered CN=partner-aa, certificate CN=partner-a; if it is theirs: "
        "certbound client update partner-a --tls-client-auth-subject-dn "
        "'CN=partner-a,O=certbound dev partners,C=GB'";
    struct bench b;
    bench_open(&b);
    char cert[128];
    bench_path(&b, "partner-a.pem", cert);
    cr_assert_eq(COMMAND(&b, "client", "update", "partner-a", "--tls-client-auth-subject-dn",
                         "CN=partner-aa,O=certbound dev partners,C=GB"),
                 CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "explain", cert), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.out, "no registered client"), "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, near), "%s", b.r.out);
    cr_expect_eq(COMMAND(&b, "explain", cert, "--json"), CB_EXIT_REFUSED);
    json_t *j = bench_json(&b);
    const json_t *misses = json_object_get(j, "near_misses"), *first = json_array_get(misses, 0);
    cr_expect_eq(json_array_size(misses), 2, "partner B too");
    cr_expect_str_eq(json_string_value(json_object_get(first, "client_id")), "partner-a");
    const char *subject =
        json_string_value(json_object_get(json_object_get(first, "register"), "tls_client_auth_subject_dn"));
    cr_expect_eq(COMMAND(&b, "client", "update", "partner-a", "--tls-client-auth-subject-dn", subject),
                 CB_EXIT_OK);
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "explain", cert), CB_EXIT_OK);
    cr_expect_null(strstr(b.r.out, "near miss"), "%s", b.r.out);
    bench_close(&b);
}
