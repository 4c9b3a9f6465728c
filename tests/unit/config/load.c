#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "config/schema.h"
#include "sample.h"

char *sample_with(const char *from, const char *to)
{
    const char *at = from == NULL ? &SAMPLE[sizeof SAMPLE - 1] : strstr(SAMPLE, from);
    cr_assert_not_null(at, "%s is not in the sample", from);
    const size_t head = (size_t)(at - SAMPLE), cut = from == NULL ? 0 : strlen(from);
    const size_t size = sizeof SAMPLE + strlen(to);
    char *out = calloc(1, size);
    struct cb_buf b;
    cb_buf_over(&b, out, size);
    cb_buf_add(&b, SAMPLE, head);
    cb_buf_add_cstr(&b, to);
    cb_buf_add_cstr(&b, at + cut);
    cr_assert_not(b.failed);
    return out;
}

void outcome_of(struct outcome *o, const char *yaml)
{
    *o = (struct outcome){ 0 };
    cb_arena_init(&o->arena, 4 * CB_MIB);
    cb_buf_init(&o->problems, CB_MIB);
    o->ok = !CB_FAILED(
        cb_config_parse(&o->arena, "/etc/cb/test.yaml", cb_str_of(yaml), &o->config, &o->problems, &o->err));
    cr_assert_not(o->problems.failed);
}

void outcome_done(struct outcome *o)
{
    cb_buf_done(&o->problems);
    cb_arena_done(&o->arena);
}

const char *outcome_problems(struct outcome *o)
{
    cb_buf_add_char(&o->problems, '\0');
    return o->problems.p;
}

Test(config, reads_the_sample_with_its_defaults)
{
    struct outcome o;
    outcome_of(&o, SAMPLE);
    cr_assert(o.ok, "%s", outcome_problems(&o));
    const struct cb_config *c = o.config;
    cr_assert_eq(o.problems.n, 0);
    cr_assert_str_eq(c->path, "/etc/cb/test.yaml");
    cr_assert_str_eq(c->issuer, "https://as.example.com");
    cr_assert_str_eq(c->listeners[CB_LISTENER_PUBLIC].address, "[::]:8443");
    cr_assert_str_eq(c->listeners[CB_LISTENER_PUBLIC].certificate, "/etc/cb/s.pem");
    cr_assert_str_eq(c->listeners[CB_LISTENER_PUBLIC].private_key, "/etc/cb/s.key");
    cr_assert_str_eq(c->listeners[CB_LISTENER_PUBLIC].url, "https://as.example.com");
    cr_assert_str_eq(c->listeners[CB_LISTENER_MTLS].url, "https://as.example.com:8444");
    cr_assert_null(c->listeners[CB_LISTENER_OPS].address);
    cr_assert_str_eq(c->store, "sqlite:/etc/cb/certbound.db");
    cr_assert_str_eq(c->key_encryption_key, "/etc/cb/kek");
    cr_assert_str_eq(c->signing_algorithm, "ES256");
    cr_assert_eq(c->publish_ahead_s, 24 * 3600);
    cr_assert_eq(c->token_lifetime_s, 300);
    cr_assert_eq(c->resource_count, 1);
    cr_assert_eq(c->resources[0].scope_count, 2);
    cr_assert_str_eq(c->resources[0].scopes[1], "payments");
    cr_assert_str_eq(c->default_resource, "https://api.example.com");
    cr_assert_eq(c->trust_group_count, 1);
    cr_assert_str_eq(c->trust_groups[0].anchors, "/etc/cb/ca.pem");
    cr_assert_eq(c->threads, 0);
    cr_assert_eq(c->max_connections, 4096);
    cr_assert_eq(c->max_connections_per_address, 512);
    cr_assert_eq(c->handshake_timeout_s, 10);
    cr_assert_eq(c->idle_timeout_s, 75);
    cr_assert_eq(c->shutdown_timeout_s, 20);
    cr_assert_str_eq(c->log_level, "info");
    outcome_done(&o);
}

/* What the sample may have instead. */
static const struct {
    const char *from, *to;
} good[] = {
    { "https://as.example.com\n", "https://as.example.com/t1\n" },
    { "https://as.example.com\n", "https://[2001:db8::1]:8443/a/b\n" },
    { "'[::]:8443'", "127.0.0.1:0" },
    { "'[::]:8443'", "localhost:65535" },
    { "sqlite:certbound.db", "postgresql://u:p@h1,h2/db?target_session_attrs=read-write" },
    { "sqlite:certbound.db", "postgres://h/db" },
    { NULL, "tokens: { lifetime: 1s }\n" },
    { NULL, "tokens: { lifetime: 900s }\n" },
    { NULL, "tokens: { lifetime: 15m }\n" },
    { NULL, "tokens:\n" },
    { NULL, "tokens: # lifetime: 300s\n" },
    { "encryption_key_file: kek", "encryption_key_file: kek, publish_ahead: 60s" },
    { "encryption_key_file: kek", "encryption_key_file: kek, publish_ahead: 720h, signing_algorithm: EdDSA" },
    { "trust_groups:\n  - { name: partners, anchors: ca.pem }\n", "trust_groups:\n" },
    { "trust_groups:\n  - { name: partners, anchors: ca.pem }\n", "trust_groups: []\n" },
    { "'https://api.example.com'", "'urn:example:api'" },
    { "[accounts, payments]", "['!#[]^~', \"a:b/c\"]" },
    { NULL, "default_resource: https://api.example.com\n" },
    { NULL, "threads: 256\n" },
    { NULL, "log: { level: \"debug\" }\n" },
    { "issuer", "---\nissuer" },
    { "issuer", "%YAML 1.1\n---\nissuer" },
    { NULL, "...\n" },
    { "  mtls:", "  ops: { address: '127.0.0.1:9090' }\n  mtls:" },
    { "  mtls:", "  ops:\n  mtls:" },
    { "'[::]:8444', certificate: s.pem, private_key: s.key",
      "'unix:/run/m.sock', proxy: { certificate_header: haproxy, header: X-Cert }" },
    { "'[::]:8444', certificate: s.pem, private_key: s.key",
      "'127.0.0.1:1', proxy: { certificate_header: rfc9440, addresses: [127.0.0.1, '::1/128'] }" },
    { "'[::]:8444',", "'[::]:8444', proxy: { certificate_header: rfc9440, trust_group: partners }," },
    { "'[::]:8444',", "'[::]:8444', proxy: { protocol: v2, addresses: [10.0.0.0/8] }," },
    { "listeners:\n", "administrators: [{ subject: 'CN=alice', role: write }]\nlisteners:\n"
                      "  admin: { address: '[::1]:1', certificate: s.pem, private_key: s.key, trust_group: "
                      "partners }\n" },
    { NULL, "roles: [{ role: PSP_AI, scopes: [accounts] }]\n" },
    { NULL,
      "directories: [{ name: d, issuer: i, jwks: 'https://d/jwks', profile: obuk, trust_group: partners, "
      "suspend_expired: true, statement_max_age: 5m }]\n" },
    { NULL, "outbound: { allowed_addresses: [127.0.0.0/8], plain_http: [crl.example], ca_file: ca.pem }\n" },
};

Test(config, the_store_is_a_file_beside_the_configuration_unless_it_says_otherwise)
{
    char *yaml = sample_with("store: sqlite:certbound.db\n", "");
    struct outcome o;
    outcome_of(&o, yaml);
    cr_assert(o.ok, "%s", outcome_problems(&o));
    cr_assert_str_eq(o.config->store, "sqlite:/etc/cb/certbound.db");
    outcome_done(&o);
    free(yaml);
}

Test(config, accepts_what_is_right)
{
    for (size_t i = 0; i < CB_COUNT(good); i++) {
        char *yaml = sample_with(good[i].from, good[i].to);
        struct outcome o;
        outcome_of(&o, yaml);
        cr_expect(o.ok, "%s: %s", good[i].to, outcome_problems(&o));
        outcome_done(&o);
        free(yaml);
    }
}

Test(config, an_entry_of_a_list_has_its_defaults)
{
    struct outcome o;
    outcome_of(&o, SAMPLE);
    const struct cb_config_trust_group *g = &o.config->trust_groups[0];
    cr_assert_str_eq(g->profile, "plain");
    cr_assert_str_eq(g->revocation.check, "off");
    cr_assert_eq(g->depth, 4);
    cr_assert_eq(g->min_rsa_bits, 2048);
    cr_assert_eq(g->min_ec_bits, 256);
    cr_assert_not(g->revocation.distribution_points);
    outcome_done(&o);
}

Test(config, a_place_is_a_url_or_a_path_beside_the_file)
{
    char *yaml =
        sample_with("name: partners", "name: partners, revocation: { check: crl, distribution_points: true, "
                                      "crls: [a.crl, /b.crl, 'http://c/d.crl'] }");
    struct outcome o;
    outcome_of(&o, yaml);
    cr_assert(o.ok, "%s", outcome_problems(&o));
    const struct cb_config_revocation *r = &o.config->trust_groups[0].revocation;
    cr_assert_eq(r->crl_count, 3);
    cr_assert_str_eq(r->crls[0], "/etc/cb/a.crl");
    cr_assert_str_eq(r->crls[1], "/b.crl");
    cr_assert_str_eq(r->crls[2], "http://c/d.crl");
    cr_assert(r->distribution_points);
    outcome_done(&o);
    free(yaml);
}

Test(config, absolute_paths_stay)
{
    char *yaml = sample_with("kek", "/run/secrets/kek");
    struct outcome o;
    outcome_of(&o, yaml);
    cr_assert_str_eq(o.config->key_encryption_key, "/run/secrets/kek");
    outcome_done(&o);
    free(yaml);
}

Test(config, a_file_without_folder_leaves_paths_alone)
{
    struct cb_arena a;
    cb_arena_init(&a, CB_MIB);
    struct cb_buf problems;
    cb_buf_init(&problems, CB_MIB);
    struct cb_config *c = NULL;
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_config_parse(&a, "x.yaml", CB_STR(SAMPLE), &c, &problems, &err)));
    cr_assert_str_eq(c->key_encryption_key, "kek");
    cr_assert_str_eq(c->store, "sqlite:certbound.db");
    cb_buf_done(&problems);
    cb_arena_done(&a);
}

Test(config, the_file_has_a_bound)
{
    static char path[] = "/tmp/cb-config-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");
    fputs(SAMPLE "#", f);
    for (size_t n = sizeof SAMPLE; n < CB_LIMIT_CONFIG_FILE; n++) {
        fputc('x', f);
    }
    fflush(f);
    struct cb_arena a;
    cb_arena_init(&a, CB_MIB);
    struct cb_buf problems;
    cb_buf_init(&problems, CB_MIB);
    struct cb_config *c = NULL;
    struct cb_err err = { 0 };
    cr_expect_not(CB_FAILED(cb_config_load(&a, path, &c, &problems, &err)), "%s", err.detail);
    fputc('x', f);
    fclose(f);
    cr_expect(CB_FAILED(cb_config_load(&a, path, &c, &problems, &err)));
    cr_expect_eq(err.code, CB_E_FILE);
    unlink(path);
    cb_err_clear(&err);
    cr_expect(CB_FAILED(cb_config_load(&a, path, &c, &problems, &err)));
    cr_expect_eq(err.code, CB_E_FILE);
    cb_buf_done(&problems);
    cb_arena_done(&a);
}

/* Every size of arena that is too small: an error, no half configuration. */
Test(config, running_out_of_memory_is_an_error)
{
    size_t needed = 0;
    for (size_t max = 0; max < 64 * CB_KIB; max += 64) {
        struct cb_arena a;
        cb_arena_init(&a, max);
        struct cb_buf problems;
        cb_buf_init(&problems, CB_MIB);
        struct cb_config *c = NULL;
        struct cb_err err = { 0 };
        if (!CB_FAILED(cb_config_parse(&a, "x.yaml", CB_STR(SAMPLE), &c, &problems, &err))) {
            needed = max;
        } else {
            cr_assert_eq(err.code, CB_E_MEMORY);
            cr_assert_null(c);
        }
        cb_buf_done(&problems);
        cb_arena_done(&a);
        if (needed > 0) {
            break;
        }
    }
    cr_assert_gt(needed, 0);
}

/* Editors of another system put it there. */
Test(load, a_byte_order_mark_is_no_part_of_the_file)
{
    char *yaml = sample_with("issuer", "\xef\xbb\xbfissuer");
    struct outcome o;
    outcome_of(&o, yaml);
    cr_expect(o.ok, CB_STR_FMT, CB_STR_ARG(cb_buf_str(&o.problems)));
    outcome_done(&o);
    free(yaml);
}
