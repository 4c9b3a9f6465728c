#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/json_in.h"
#include "base/limits.h"
#include "sample.h"

static char *printed(const struct cb_config *c, bool json)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_MIB);
    cb_config_print(c, json, &b);
    cr_assert_not(b.failed);
    cb_buf_add_char(&b, '\0');
    char *out = strdup(b.p);
    cb_buf_done(&b);
    return out;
}

Test(print, yaml_shows_the_effective_configuration)
{
    struct outcome o;
    outcome_of(&o, SAMPLE);
    char *text = printed(o.config, false);
    cr_expect_str_eq(text, "issuer: \"https://as.example.com\"\n"
                           "listeners:\n"
                           "  public:\n"
                           "    address: \"[::]:8443\"\n"
                           "    certificate: \"/etc/cb/s.pem\"\n"
                           "    private_key: \"/etc/cb/s.key\"\n"
                           "    url: \"https://as.example.com\"\n"
                           "  mtls:\n"
                           "    address: \"[::]:8444\"\n"
                           "    certificate: \"/etc/cb/s.pem\"\n"
                           "    private_key: \"/etc/cb/s.key\"\n"
                           "    url: \"https://as.example.com:8444\"\n"
                           "    proxy:\n"
                           "      protocol: \"none\"\n"
                           "      certificate_header: \"none\"\n"
                           "store: \"sqlite:/etc/cb/certbound.db\"\n"
                           "keys:\n"
                           "  encryption_key_file: \"/etc/cb/kek\"\n"
                           "  signing_algorithm: \"ES256\"\n"
                           "  publish_ahead: 24h\n"
                           "tokens:\n"
                           "  lifetime: 5m\n"
                           "resources:\n"
                           "  - identifier: \"https://api.example.com\"\n"
                           "    scopes: [\"accounts\",\"payments\"]\n"
                           "default_resource: \"https://api.example.com\"\n"
                           "trust_groups:\n"
                           "  - name: \"partners\"\n"
                           "    anchors: \"/etc/cb/ca.pem\"\n"
                           "    depth: 4\n"
                           "    profile: \"plain\"\n"
                           "    min_rsa_bits: 2048\n"
                           "    min_ec_bits: 256\n"
                           "    max_validity: 0s\n"
                           "    revocation:\n"
                           "      check: \"off\"\n"
                           "      distribution_points: false\n"
                           "      grace: 0s\n"
                           "registration:\n"
                           "  jwks_refresh: 1h\n"
                           "outbound:\n"
                           "  timeout: 10s\n"
                           "threads: 0\n"
                           "limits:\n"
                           "  connections: 4096\n"
                           "  connections_per_address: 512\n"
                           "timeouts:\n"
                           "  handshake: 10s\n"
                           "  headers: 10s\n"
                           "  body: 10s\n"
                           "  idle: 75s\n"
                           "  shutdown: 20s\n"
                           "log:\n"
                           "  level: \"info\"\n");
    free(text);
    outcome_done(&o);
}

Test(print, what_is_printed_reads_as_the_same)
{
    static const char *const changes[] = { "threads: 3\n", "",
                                           "timeouts: { shutdown: 0s, idle: 90s, body: 60m }\n" };
    for (size_t i = 0; i < CB_COUNT(changes); i++) {
        char *yaml = sample_with(NULL, changes[i]);
        struct outcome first, second;
        outcome_of(&first, yaml);
        char *once = printed(first.config, false);
        outcome_of(&second, once);
        cr_assert(second.ok, "%s", outcome_problems(&second));
        char *twice = printed(second.config, false);
        cr_expect_str_eq(once, twice);
        free(once);
        free(twice);
        free(yaml);
        outcome_done(&first);
        outcome_done(&second);
    }
}

Test(print, json_is_json)
{
    struct outcome o;
    outcome_of(&o, SAMPLE);
    char *text = printed(o.config, true);
    json_t *json = NULL;
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_json_object(cb_str_of(text), &json, &err)), "%s", text);
    const char *issuer = NULL, *level = NULL, *identifier = NULL, *scope = NULL, *lifetime = NULL;
    int threads = -1;
    cr_assert_eq(json_unpack(json, "{s:s, s:i, s:{s:s}, s:{s:s}, s:[{s:s, s:[s,s]}]}", "issuer", &issuer,
                             "threads", &threads, "log", "level", &level, "tokens", "lifetime", &lifetime,
                             "resources", "identifier", &identifier, "scopes", &scope, &scope),
                 0, "%s", text);
    cr_expect_str_eq(issuer, "https://as.example.com");
    cr_expect_eq(threads, 0);
    cr_expect_str_eq(level, "info");
    cr_expect_str_eq(lifetime, "5m");
    cr_expect_str_eq(scope, "payments");
    json_decref(json);
    free(text);
    outcome_done(&o);
}

Test(print, a_password_is_never_shown)
{
    static const struct {
        const char *store, *shown;
    } all[] = {
        { "postgresql://u:s3cret@h/db", "postgresql://u:***@h/db" },
        { "postgres://u:s3cret@h1:5432,h2:5432/db?target_session_attrs=read-write",
          "postgres://u:***@h1:5432,h2:5432/db?target_session_attrs=read-write" },
        { "postgresql://u@h/db", "postgresql://u@h/db" },
        { "postgresql://h/db", "postgresql://h/db" },
        { "postgresql:///db?host=/run/postgresql&user=u", "postgresql:///db?host=/run/postgresql&user=u" },
        { "postgresql://h/db?password=s3cret&sslmode=verify-full",
          "postgresql://h/db?password=***&sslmode=verify-full" },
        { "postgresql://h/db?pass%77ord=s3cret", "postgresql://h/db?pass%77ord=***" },
        { "postgresql://h/db?sslpassword=s3cret&", "postgresql://h/db?sslpassword=***&=***" },
        { "postgresql://u:s3cret/x@h/db", "postgresql://u:***@h/db" },
        { "postgresql://u:s3c@ret@h/db", "postgresql://u:***@h/db" },
        { "postgresql://:s3cret@h", "postgresql://:***@h" },
    };
    for (size_t i = 0; i < CB_COUNT(all); i++) {
        char *yaml = sample_with("sqlite:certbound.db", all[i].store);
        struct outcome o;
        outcome_of(&o, yaml);
        char *text = printed(o.config, false), *json = printed(o.config, true);
        cr_expect_not_null(strstr(text, all[i].shown), "%s: %s", all[i].store, text);
        cr_expect_not_null(strstr(json, all[i].shown), "%s: %s", all[i].store, json);
        cr_expect_str_eq(o.config->store, all[i].store, "the program itself gets all of it");
        free(text);
        free(json);
        outcome_done(&o);
        free(yaml);
    }
}

/* No problem of any kind quotes the store. */
Test(print, no_problem_quotes_the_store)
{
    static const char *const stores[] = { "mysql://u:s3cret@h", "[s3cret]", "{ a: s3cret }",
                                          "\"postgresql://s3cret\\0\"", "sqlite:s3cret\nstore: s3cret" };
    for (size_t i = 0; i < CB_COUNT(stores); i++) {
        char *yaml = sample_with("sqlite:certbound.db", stores[i]);
        struct outcome o;
        outcome_of(&o, yaml);
        cr_expect_not(o.ok);
        cr_expect_null(strstr(outcome_problems(&o), "s3cret"), "%s", o.problems.p);
        cr_expect_null(strstr(o.err.detail, "s3cret"));
        outcome_done(&o);
        free(yaml);
    }
}

static void expect_restart(const char *from, const char *to, const char *keys)
{
    char *yaml = sample_with(from, to);
    struct outcome a, b;
    outcome_of(&a, SAMPLE);
    outcome_of(&b, yaml);
    cr_assert(b.ok, "%s", outcome_problems(&b));
    struct cb_buf out;
    cb_buf_init(&out, 4096);
    cb_config_restart_needed(a.config, b.config, &out);
    cr_expect(cb_str_is(cb_buf_str(&out), keys), "%s: " CB_STR_FMT, to, CB_STR_ARG(out));
    cb_buf_done(&out);
    outcome_done(&a);
    outcome_done(&b);
    free(yaml);
}

Test(restart, names_what_a_reload_cannot_change)
{
    expect_restart(NULL, "", "");
    expect_restart(NULL, "log: { level: debug }\ntokens: { lifetime: 60s }\n", "");
    expect_restart("s.pem", "t.pem", "");
    expect_restart("accounts", "balances", "");
    expect_restart("ca.pem", "cb.pem", "");
    expect_restart("certbound.db", "other.db", "store");
    expect_restart("'[::]:8443'", "'[::]:9443'", "listeners.public.address");
    expect_restart(NULL, "threads: 2\ntimeouts: { idle: 5s, shutdown: 1s }\n", "threads, timeouts.idle");
    expect_restart("  mtls:", "  ops: { address: '127.0.0.1:9090' }\n  mtls:", "listeners.ops.address");
}
