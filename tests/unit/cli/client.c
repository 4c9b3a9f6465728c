#include <criterion/criterion.h>

#include "bench.h"
#include "cert/x5t.h"

Test(client, list_and_show_know_the_partners)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "client", "list"), CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "\npartner-a "), "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, "\npartner-b "));
    cr_expect_eq(COMMAND(&b, "client", "list", "--json"), CB_EXIT_OK);
    json_t *j = bench_json(&b);
    cr_expect_eq(json_array_size(json_object_get(j, "clients")), 2);
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "client", "show", "partner-a", "--json"), CB_EXIT_OK);
    j = bench_json(&b);
    cr_expect_str_eq(json_string_value(json_object_get(j, "tls_client_auth_subject_dn")),
                     "CN=partner-a,O=certbound dev partners,C=GB");
    cr_expect_str_eq(json_string_value(json_object_get(j, "scope")), "accounts payments");
    cr_expect(json_is_true(json_object_get(j, "enabled")));
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "client", "show", "partner-a"), CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "CN=partner-a,O=certbound dev partners,C=GB"));
    cr_expect_eq(COMMAND(&b, "client", "show", "nobody"), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "certbound client show: "));
    bench_close(&b);
}

Test(client, add_takes_each_way_to_name_a_client)
{
    static const char *const ways[][2] = {
        { "--tls-client-auth-subject-dn", "CN=x,O=y" },
        { "--tls-client-auth-san-dns", "Host.Example.com" },
        { "--tls-client-auth-san-uri", "spiffe://example.com/a" },
        { "--tls-client-auth-san-ip", "192.0.2.1" },
        { "--tls-client-auth-san-email", "a@example.com" },
    };
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < CB_COUNT(ways); i++) {
        cr_expect_eq(COMMAND(&b, "client", "add", "--scope", "accounts", ways[i][0], ways[i][1], "--json"),
                     CB_EXIT_OK, "%s: %s", ways[i][0], b.r.err);
        json_t *j = bench_json(&b);
        cr_expect_eq(json_string_length(json_object_get(j, "client_id")), 22, "16 random bytes");
        json_decref(j);
        cr_expect_eq(COMMAND(&b, "client", "add", "--scope", "accounts", ways[i][0], ways[i][1]),
                     CB_EXIT_REFUSED, "the identity is taken");
    }
    bench_close(&b);
}

Test(client, add_refuses_with_every_problem)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "client", "add", "--client-id", "a b", "--scope", "nope"), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "client_id: "), "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.err, "scope: "), "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.err, "token_endpoint_auth_method: "), "%s", b.r.err);
    cr_expect_eq(
        COMMAND(&b, "client", "add", "--client-id", "partner-a", "--tls-client-auth-san-dns", "x.example"),
        CB_EXIT_REFUSED);
    char cert[128];
    bench_path(&b, "partner-a.pem", cert);
    cr_expect_eq(COMMAND(&b, "client", "add", "--certificate", cert, "--tls-client-auth-subject-dn", "CN=x"),
                 CB_EXIT_USAGE);
    cr_expect_eq(COMMAND(&b, "client", "add", "--certificate", "/nonexistent"), CB_EXIT_REFUSED);
    cr_expect_eq(COMMAND(&b, "client", "add", "--certificate", b.config), CB_EXIT_REFUSED);
    bench_close(&b);
}

Test(client, update_changes_what_is_named_and_keeps_the_rest)
{
    struct bench b;
    bench_open(&b);
    cr_assert_eq(COMMAND(&b, "client", "disable", "partner-a"), CB_EXIT_OK);
    cr_assert_eq(COMMAND(&b, "client", "update", "partner-a", "--scope", "accounts", "--name", "A", "--json"),
                 CB_EXIT_OK, "%s", b.r.err);
    json_decref(bench_json(&b));
    cr_assert_eq(COMMAND(&b, "client", "show", "partner-a", "--json"), CB_EXIT_OK);
    json_t *j = bench_json(&b);
    cr_expect_str_eq(json_string_value(json_object_get(j, "scope")), "accounts");
    cr_expect_str_eq(json_string_value(json_object_get(j, "client_name")), "A");
    cr_expect_str_eq(json_string_value(json_object_get(j, "tls_client_auth_subject_dn")),
                     "CN=partner-a,O=certbound dev partners,C=GB");
    cr_expect(json_is_false(json_object_get(j, "enabled")), "an update does not enable");
    cr_expect_eq(json_integer_value(json_object_get(j, "revision")), 3);
    json_decref(j);
    cr_assert_eq(
        COMMAND(&b, "client", "update", "partner-a", "--tls-client-auth-san-dns", "a.example", "--json"),
        CB_EXIT_OK, "%s", b.r.err);
    j = bench_json(&b);
    cr_expect_null(json_object_get(j, "tls_client_auth_subject_dn"), "one way at a time");
    cr_expect_str_eq(json_string_value(json_object_get(j, "tls_client_auth_san_dns")), "a.example");
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "client", "update", "nobody", "--name", "x"), CB_EXIT_REFUSED);
    cr_expect_eq(COMMAND(&b, "client", "update", "partner-a", "--scope", "nope"), CB_EXIT_REFUSED);
    bench_close(&b);
}

Test(client, disable_enable_remove)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "client", "disable", "partner-a"), CB_EXIT_OK);
    cr_expect_str_eq(b.r.out, "partner-a is disabled\n");
    cr_expect_eq(COMMAND(&b, "client", "enable", "partner-a"), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "client", "remove", "partner-a"), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "client", "remove", "partner-a"), CB_EXIT_REFUSED);
    cr_expect_eq(COMMAND(&b, "client", "disable", "partner-a"), CB_EXIT_REFUSED);
    bench_close(&b);
}

Test(client, is_pinned_to_the_issuer_of_a_file)
{
    struct bench b;
    bench_open(&b);
    char ca[128], key[CB_X5T_TEXT];
    bench_path(&b, "ca.pem", ca);
    cr_assert_eq(COMMAND(&b, "client", "update", "partner-a", "--issuer-certificate", ca, "--json"),
                 CB_EXIT_OK, "%s", b.r.err);
    json_t *j = bench_json(&b);
    snprintf(key, sizeof key, "%s", json_string_value(json_object_get(j, "issuer_key")));
    json_decref(j);
    cr_expect_eq(strlen(key), 43);
    char cert[128];
    bench_path(&b, "partner-a.pem", cert);
    cr_expect_eq(COMMAND(&b, "explain", cert, "--client", "partner-a"), CB_EXIT_OK, "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, key), "%s", b.r.out);
    cr_assert_eq(COMMAND(&b, "client", "update", "partner-a", "--issuer-certificate", cert), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "explain", cert, "--client", "partner-a"), CB_EXIT_REFUSED, "not its issuer's");
    cr_expect_eq(
        COMMAND(&b, "client", "update", "partner-a", "--issuer-certificate", ca, "--issuer-key", key),
        CB_EXIT_USAGE);
    cr_expect_eq(COMMAND(&b, "client", "update", "partner-a", "--issuer-certificate", b.config),
                 CB_EXIT_REFUSED);
    bench_close(&b);
}

Test(client, list_keeps_what_is_asked_for)
{
    struct bench b;
    bench_open(&b);
    static const struct {
        const char *option, *value;
        size_t count;
    } rows[] = {
        { "--enabled", NULL, 1 },         { "--disabled", NULL, 1 },      { "--trust-group", "partners", 2 },
        { "--trust-group", "nobody", 0 }, { "--directory", "nobody", 0 },
    };
    cr_assert_eq(COMMAND(&b, "client", "disable", "partner-b"), CB_EXIT_OK);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_assert_eq(COMMAND(&b, "client", "list", "--json", rows[i].option, rows[i].value), CB_EXIT_OK, "%s",
                     b.r.err);
        json_t *j = bench_json(&b);
        cr_expect_eq(json_array_size(json_object_get(j, "clients")), rows[i].count, "%s", rows[i].option);
        json_decref(j);
    }
    cr_expect_eq(COMMAND(&b, "client", "list", "--enabled", "--disabled"), CB_EXIT_USAGE);
    bench_close(&b);
}
