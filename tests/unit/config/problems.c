#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "sample.h"

#define F "/etc/cb/test.yaml:"

/* A change to the sample, and all that is then said. */
static const struct {
    const char *from, *to;
    const char *problems;
} bad[] = {
    /* keys */
    { NULL, "frobnicate: 1\n", F "11: unknown key `frobnicate`\n" },
    { NULL, "isuer: x\n", F "11: unknown key `isuer`; did you mean `issuer`?\n" },
    { NULL, "lifetime: 300s\n", F "11: unknown key `lifetime`; did you mean `tokens.lifetime`?\n" },
    { NULL, "tokens: { lifetme: 300s }\n",
      F "11: unknown key `tokens.lifetme`; did you mean `tokens.lifetime`?\n" },
    { "name: partners", "name: partners, anchor: x",
      F "10: unknown key `trust_groups[].anchor`; did you mean `trust_groups[].anchors`?\n" },
    { NULL, "\"a\\nb\\0c\": 1\n", F "11: unknown key `a?b?c`\n" },
    { NULL, "[a, b]: 1\n", F "11: a key must be a word\n" },
    { NULL, "store: sqlite:x\n", F "11: `store` is set twice, first on line 5\n" },
    { NULL, "tokens: { lifetime: 1s }\ntokens: { lifetime: 2s }\n",
      F "12: `tokens` is set twice, first on line 11\n" },
    { "name: partners", "name: partners, name: x",
      F "10: `trust_groups[].name` is set twice, first on line 10\n" },
    { "issuer: https://as.example.com\n", "", F "1: `issuer` is missing\n" },
    { "keys: { encryption_key_file: kek }\n", "", F "1: `keys` is missing\n" },
    { "encryption_key_file: kek", "publish_ahead: 1h", F "6: `keys.encryption_key_file` is missing\n" },
    { "name: partners, ", "", F "10: `trust_groups[].name` is missing\n" },
    { "resources:\n  - { identifier: 'https://api.example.com', scopes: [accounts, payments] }\n", "",
      F "1: `resources` is missing\n" },
    /* types */
    { "sqlite:certbound.db", "[a]", F "5: `store` must be a single value\n" },
    { "sqlite:certbound.db", "{ a: b }", F "5: `store` must be a single value\n" },
    { "sqlite:certbound.db", "", F "5: `store` has no value\n" },
    { "sqlite:certbound.db", "~", F "5: `store` has no value\n" },
    { "sqlite:certbound.db", "''", F "5: `store` must not be empty\n" },
    { "{ encryption_key_file: kek }", "kek", F "6: `keys` must be a mapping of keys to values\n" },
    { "[accounts, payments]", "accounts", F "8: `resources[].scopes` must be a list\n" },
    { "[accounts, payments]", "[accounts, [payments]]",
      F "8: `resources[].scopes` must be a single value\n" },
    { "[accounts, payments]", "[]", F "8: `resources[].scopes` must have 1 to 64 entries\n" },
    { "- { name: partners, anchors: ca.pem }", "- partners",
      F "10: an entry of `trust_groups` must be a mapping of keys to values\n" },
    { "trust_groups:\n  - { name: partners, anchors: ca.pem }\n", "trust_groups: x\n",
      F "9: `trust_groups` must be a list\n" },
    /* numbers */
    { NULL, "tokens: { lifetime: 300 }\n", F "11: `tokens.lifetime` needs a unit: write 300s\n" },
    { NULL, "tokens: { lifetime: 0s }\n", F "11: `tokens.lifetime` must be between 1s and 15m\n" },
    { NULL, "tokens: { lifetime: 901s }\n", F "11: `tokens.lifetime` must be between 1s and 15m\n" },
    { NULL, "tokens: { lifetime: -1s }\n",
      F "11: `tokens.lifetime` must be a duration, such as 300s, 5m or 24h\n" },
    { NULL, "tokens: { lifetime: 5 m }\n",
      F "11: `tokens.lifetime` must be a duration, such as 300s, 5m or 24h\n" },
    { NULL, "tokens: { lifetime: s }\n",
      F "11: `tokens.lifetime` must be a duration, such as 300s, 5m or 24h\n" },
    { NULL, "tokens: { lifetime: 99999999999999999999s }\n",
      F "11: `tokens.lifetime` must be a duration, such as 300s, 5m or 24h\n" },
    { "encryption_key_file: kek", "encryption_key_file: kek, publish_ahead: 59s",
      F "6: `keys.publish_ahead` must be between 1m and 720h\n" },
    { "encryption_key_file: kek", "encryption_key_file: kek, publish_ahead: 721h",
      F "6: `keys.publish_ahead` must be between 1m and 720h\n" },
    { NULL, "threads: many\n", F "11: `threads` must be a whole number\n" },
    { NULL, "threads: 1.5\n", F "11: `threads` must be a whole number\n" },
    { NULL, "threads: 257\n", F "11: `threads` must be between 0 and 256\n" },
    { NULL, "limits:\n  connections: 0\n", F "12: `limits.connections` must be between 1 and 1000000\n" },
    { NULL, "log: { level: loud }\n", F "11: `log.level` must be one of debug|info|warning|error\n" },
    { NULL, "log: { level: INFO }\n", F "11: `log.level` must be one of debug|info|warning|error\n" },
    { "encryption_key_file: kek", "encryption_key_file: kek, signing_algorithm: HS256",
      F "6: `keys.signing_algorithm` must be one of ES256|PS256|EdDSA\n" },
    { "name: partners", "name: partners, revocation: { distribution_points: yes }",
      F "10: `trust_groups[].revocation.distribution_points` must be true or false\n" },
    { "name: partners", "name: partners, depth: 8",
      F "10: `trust_groups[].depth` must be between 0 and 7\n" },
    { "name: partners", "name: partners, min_rsa_bits: 2047",
      F "10: `trust_groups[].min_rsa_bits` must be between 2048 and 16384\n" },
    { "name: partners", "name: partners, max_validity: 1",
      F "10: `trust_groups[].max_validity` needs a unit: write 1s\n" },
    /* revocation */
    { "name: partners", "name: partners, revocation: { check: crl }",
      F
      "10: `trust_groups[].revocation.check` is crl, but neither `crls` nor `distribution_points: true` says "
      "which\n" },
    { "name: partners", "name: partners, revocation: { check: off, crls: [a.crl] }",
      F "10: `trust_groups[].revocation.check` is off: say crl, ocsp or both\n" },
    { "name: partners", "name: partners, revocation: { check: crl, crls: ['ftp://a/b'] }",
      F "10: `trust_groups[].revocation.crls` must begin with https:// or http://\n" },
    { "name: partners", "name: partners, revocation: { check: ocsp, ocsp_responder: 'http://u@a/' }",
      F "10: `trust_groups[].revocation.ocsp_responder` must hold no user, no fragment and no character that "
        "no "
        "URL may hold\n" },
    /* roles, directories, administrators */
    { NULL, "roles: [{ role: PSP_AI, scopes: [pets] }]\n",
      F "11: `roles[].scopes` names `pets`, which no resource has\n" },
    { NULL, "roles: [{ role: A, scopes: [accounts] }, { role: A, scopes: [accounts] }]\n",
      F "11: the role `A` is there already, on line 11\n" },
    { NULL, "directories: [{ name: d, issuer: i, jwks: d.jwks, trust_group: nobody }]\n",
      F "11: `directories[].trust_group` is none of `trust_groups`\n" },
    { NULL, "directories: [{ name: d, issuer: i, jwks: 'http://a/b', trust_group: partners }]\n",
      F "11: `directories[].jwks` must be a file, or begin with https://\n" },
    { NULL,
      "directories: [{ name: d, issuer: i, jwks: j, trust_group: partners }, { name: e, issuer: i, jwks: j, "
      "trust_group: partners }]\n",
      F "11: a directory with the issuer `i` is there already, on line 11\n" },
    { "  mtls:",
      "  admin: { address: ':1', certificate: s.pem, private_key: s.key, trust_group: partners }\n  mtls:",
      F "4: `listeners.admin.address` must be HOST:PORT, such as 127.0.0.1:8443 or [::]:8443\n" },
    { "  mtls:",
      "  admin: { address: '[::1]:1', certificate: s.pem, private_key: s.key, trust_group: partners }\n  "
      "mtls:",
      F "4: `administrators` is missing: nobody could use `listeners.admin`\n" },
    { "  mtls:", "  admin: { address: '[::1]:1', certificate: s.pem, private_key: s.key }\n  mtls:",
      F "4: `administrators` is missing: nobody could use `listeners.admin`\n" F
        "4: `listeners.admin.trust_group` is missing\n" },
    /* proxies */
    { "'[::]:8444', certificate: s.pem, private_key: s.key", "'[::]:8444'",
      F "4: `listeners.mtls.certificate` is missing; only a proxy that hands certificates on in "
        "`proxy.certificate_header` can do without\n" },
    { "'[::]:8444', certificate: s.pem,", "'[::]:8444',",
      F "4: `listeners.mtls` needs both `certificate` and `private_key`, or neither\n" },
    { "'[::]:8444',", "'[::]:8444', proxy: { certificate_header: nginx },",
      F "4: `listeners.mtls.proxy.addresses` is missing: it says who the proxy is\n" },
    { "'[::]:8444',", "'[::]:8444', proxy: { protocol: v2 },",
      F "4: `listeners.mtls.proxy.addresses` is missing: it says who the proxy is\n" },
    { "'[::]:8444',",
      "'[::]:8444', proxy: { protocol: v2, certificate_header: nginx, addresses: [10.0.0.1] },",
      F "4: `listeners.mtls.proxy`: a proxy either passes TLS through (`protocol`) or ends it "
        "(`certificate_header`)\n" },
    { "'[::]:8444',", "'[::]:8444', proxy: { header: X-Cert },",
      F "4: `listeners.mtls.proxy`: a field is named, but `certificate_header` does not say its form\n" },
    { "'[::]:8444',",
      "'[::]:8444', proxy: { certificate_header: nginx, addresses: [10.0.0.1], chain_header: X-Chain },",
      F "4: `listeners.mtls.proxy.chain_header`: the form nginx has no field for the chain\n" },
    { "'[::]:8444',",
      "'[::]:8444', proxy: { certificate_header: haproxy, addresses: [10.0.0.1], header: A, chain_header: a "
      "},",
      F "4: `listeners.mtls.proxy`: `header` and `chain_header` are the same\n" },
    { "'[::]:8444',", "'[::]:8444', proxy: { addresses: [10.0.0.1/8] },",
      F "4: `listeners.mtls.proxy.addresses` must hold addresses such as 10.0.0.5, or networks such as "
        "10.1.0.0/16\n" },
    { "'[::]:8444', certificate: s.pem, private_key: s.key",
      "'unix:/run/m', proxy: { certificate_header: nginx, trust_group: partners }",
      F "4: `listeners.mtls.proxy.trust_group` needs TLS: set `listeners.mtls.certificate`\n" },
    { "'[::]:8444',", "'unix:m.sock',",
      F "4: `listeners.mtls.address` must name an absolute path of at most 107 bytes behind unix:\n" },
    /* text */
    { "https://as.example.com\n", "http://as.example.com\n", F "1: `issuer` must begin with https://\n" },
    { "https://as.example.com\n", "https://as.example.com/\n", F "1: `issuer` must not end with a slash\n" },
    { "[accounts, payments]", "[accounts, 'pay ments']",
      F "8: `resources[].scopes` must hold scopes of printable ASCII without space, quote or backslash\n" },
    { "s.pem", "\"a\\0b\"",
      F "3: `listeners.public.certificate` must not hold control characters or line breaks\n" },
    { "sqlite:certbound.db", "mysql://root:hunter2@h/db",
      F "5: `store` must begin with sqlite:, postgresql:// or postgres://\n" },
    { "partners", "'part ners'",
      F "10: `trust_groups[].name` must be 1 to 64 letters, digits, `.`, `_` or `-`\n" },
    /* of several keys */
    { "[accounts, payments]", "[accounts, payments, accounts]",
      F "8: a scope belongs to one resource, and `accounts` is there already, on line 8\n" },
    { NULL, "  - { name: partners, anchors: b.pem }\n",
      F "11: the trust group `partners` is there already, on line 10\n" },
    { NULL, "default_resource: https://other.example.com\n",
      F "11: `default_resource` is none of `resources`\n" },
    { "[accounts, payments] }",
      "[accounts] }\n  - { identifier: 'https://b.example.com', scopes: [payments] }",
      F "1: `default_resource` is missing: it names one of several resources\n" },
    { "[accounts, payments] }",
      "[accounts] }\n  - { identifier: 'https://b.example.com', scopes: [accounts] }\ndefault_resource: "
      "https://b.example.com",
      F "9: a scope belongs to one resource, and `accounts` is there already, on line 8\n" },
    { "[accounts, payments] }",
      "[accounts] }\n  - { identifier: 'https://api.example.com', scopes: [b] }\ndefault_resource: "
      "https://api.example.com",
      F "9: the resource `https://api.example.com` is there already, on line 8\n" },
    { "'[::]:8444'", "'[::]:8443'", F "4: two listeners have the address `[::]:8443`\n" },
    { "https://as.example.com:8444", "https://as.example.com",
      F "4: `listeners.mtls.url` is that of the public listener; each has its own host or port\n" },
    /* YAML */
    { "kek }", "kek",
      F "7: YAML: did not find expected ',' or '}' (while parsing a flow mapping that begins on line 6)\n" },
    { NULL, "  bad: indent\n :\n",
      F "11: YAML: did not find expected '-' indicator (while parsing a block collection that begins on line "
        "10)\n" },
    { NULL, "\tx: 1\n",
      F
      "11: YAML: indent with spaces, not with tabs, and put a value that begins with @, ` or % in quotes\n" },
    { "kek", "&a kek", F "6: anchors and aliases are not allowed\n" },
    { "kek", "*a", F "6: anchors and aliases are not allowed\n" },
    { "[accounts, payments]", "&s [accounts, payments]", F "8: anchors and aliases are not allowed\n" },
    { "kek", "!!str kek", F "6: tags are not allowed\n" },
    { "kek", "! kek", F "6: tags are not allowed\n" },
    { "kek", "!!python/object kek", F "6: tags are not allowed\n" },
    { NULL, "---\nissuer: https://b.example.com\n",
      F "11: a second document begins; the configuration is one\n" },
    { NULL, "x: [[[[[[[1]]]]]]]\n", F "11: unknown key `x`\n" },
    { NULL, "x: [[[[[[[[1]]]]]]]]\n", F "11: nested too deeply\n" },
    { "kek", "k\xff", F "6: the file is not UTF-8\n" },
    { "issuer", "\xff\xfei", F "1: the file is not UTF-8\n" },
    { "issuer", "\x01issuer", F "1: YAML: control characters are not allowed\n" },
};

Test(config, says_what_is_wrong_and_where)
{
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        char *yaml = sample_with(bad[i].from, bad[i].to);
        struct outcome o;
        outcome_of(&o, yaml);
        cr_expect_not(o.ok, "%s", bad[i].to);
        cr_expect_eq(o.err.code, CB_E_CONFIG, "%s", bad[i].to);
        cr_expect_str_eq(outcome_problems(&o), bad[i].problems, "%s: %s instead of %s", bad[i].to,
                         outcome_problems(&o), bad[i].problems);
        outcome_done(&o);
        free(yaml);
    }
}

Test(config, the_groups_of_proxies_and_administrators_are_nobody_elses)
{
    char *yaml =
        sample_with("  mtls: { ", "  admin: { address: '[::1]:1', certificate: s.pem, private_key: s.key,\n"
                                  "    trust_group: partners }\n"
                                  "  mtls: { proxy: { certificate_header: nginx, trust_group: partners }, ");
    struct outcome o;
    struct cb_buf whole;
    cb_buf_init(&whole, 1 << 16);
    cb_buf_add_cstr(&whole, yaml);
    cb_buf_add_cstr(&whole, "administrators: [{ subject: 'CN=a', role: read }]\n"
                            "directories: [{ name: d, issuer: i, jwks: j, trust_group: partners }]\n");
    cb_buf_add_char(&whole, '\0');
    outcome_of(&o, whole.p);
    cr_expect_eq(o.err.code, CB_E_CONFIG);
    cr_expect_str_eq(
        outcome_problems(&o),
        F "5: `listeners.admin.trust_group` is that of the proxies, who speak for any partner\n" F
          "14: `directories[].trust_group` is that of the administrators, whom no partner's CA may "
          "make\n" F "14: `directories[].trust_group` is that of the proxies, who speak for any partner\n");
    outcome_done(&o);
    cb_buf_done(&whole);
    free(yaml);
}

Test(config, reports_all_problems_at_once_in_the_order_of_lines)
{
    struct outcome o;
    outcome_of(&o, "tokens: { lifetime: 300 }\n"
                   "listeners:\n"
                   "  public: { address: 8443 }\n"
                   "issuer: https://as.example.com/?x\n"
                   "store: oops\n"
                   "threds: 1\n");
    cr_assert_eq(o.err.code, CB_E_CONFIG);
    cr_expect_str_eq(
        outcome_problems(&o), F
        "1: `keys` is missing\n" F "1: `resources` is missing\n" F
        "1: `tokens.lifetime` needs a unit: write 300s\n" F "3: `listeners.mtls` is missing\n" F
        "3: `listeners.public.address` must be HOST:PORT, such as 127.0.0.1:8443 or [::]:8443\n" F
        "3: `listeners.public.certificate` is missing\n" F "3: `listeners.public.private_key` is missing\n" F
        "4: `issuer` must have no query and no fragment\n" F
        "5: `store` must begin with sqlite:, postgresql:// or postgres://\n" F
        "6: unknown key `threds`; did you mean `threads`?\n");
    outcome_done(&o);
}

Test(config, an_empty_file_lacks_everything)
{
    static const char *const empty[] = { "", "\n", "# nothing\n", "---\n", "~\n" };
    for (size_t i = 0; i < CB_COUNT(empty); i++) {
        struct outcome o;
        outcome_of(&o, empty[i]);
        cr_expect_eq(o.err.code, CB_E_CONFIG);
        cr_expect_str_eq(outcome_problems(&o),
                         F "1: `issuer` is missing\n" F "1: `keys` is missing\n" F
                           "1: `listeners` is missing\n" F "1: `resources` is missing\n",
                         "%s", empty[i]);
        outcome_done(&o);
    }
}

Test(config, something_else_is_no_configuration)
{
    static const char *const other[] = { "hello\n", "[1, 2]\n", "\"\"\n" };
    for (size_t i = 0; i < CB_COUNT(other); i++) {
        struct outcome o;
        outcome_of(&o, other[i]);
        cr_expect_eq(o.err.code, CB_E_CONFIG);
        cr_expect(strncmp(outcome_problems(&o), F "1: the configuration must be a mapping", 50) == 0, "%s",
                  o.problems.p);
        outcome_done(&o);
    }
}

/* Ten lines that unfold to 10^9 nodes where aliases are followed. */
Test(config, refuses_a_billion_laughs)
{
    struct outcome o;
    outcome_of(&o, "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
                   "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                   "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n");
    cr_assert_eq(o.err.code, CB_E_CONFIG);
    cr_assert_str_eq(outcome_problems(&o), F "1: anchors and aliases are not allowed\n");
    outcome_done(&o);
}

static const char *text_of(struct cb_buf *b)
{
    cb_buf_add_char(b, '\0');
    cr_assert_not(b->failed);
    return b->p;
}

static void add_euros(struct cb_buf *b, int count)
{
    for (int i = 0; i < count; i++) {
        cb_buf_add_cstr(b, "\xe2\x82\xac");
    }
}

static void many_unknown(struct outcome *o, int count)
{
    struct cb_buf yaml;
    cb_buf_init(&yaml, CB_MIB);
    cb_buf_add_cstr(&yaml, SAMPLE);
    for (int i = 0; i < count; i++) {
        cb_buf_add_fmt(&yaml, "zzzzz%d: 1\n", i);
    }
    outcome_of(o, text_of(&yaml));
    cb_buf_done(&yaml);
}

Test(config, the_number_of_problems_is_bounded)
{
    struct outcome o;
    many_unknown(&o, 100);
    cr_expect_null(strstr(outcome_problems(&o), "more problems"));
    outcome_done(&o);
    many_unknown(&o, 103);
    cr_expect_not_null(strstr(outcome_problems(&o), F " and 3 more problems\n"), "%s", o.problems.p);
    outcome_done(&o);
}

/* A list at its bound and one above. */
static bool with_scopes(int count)
{
    struct cb_buf list;
    cb_buf_init(&list, CB_MIB);
    cb_buf_add_char(&list, '[');
    for (int i = 0; i < count; i++) {
        cb_buf_add_fmt(&list, "s%d,", i);
    }
    cb_buf_add_char(&list, ']');
    char *yaml = sample_with("[accounts, payments]", text_of(&list));
    cb_buf_done(&list);
    struct outcome o;
    outcome_of(&o, yaml);
    const bool ok = o.ok;
    outcome_done(&o);
    free(yaml);
    return ok;
}

Test(config, lists_are_bounded)
{
    cr_expect(with_scopes(CB_LIMIT_SCOPES));
    cr_expect_not(with_scopes(CB_LIMIT_SCOPES + 1));
}

Test(config, a_long_name_is_cut_at_a_character)
{
    struct cb_buf key, expected;
    cb_buf_init(&key, CB_KIB);
    add_euros(&key, 40);
    cb_buf_add_cstr(&key, ": 1\n");
    char *yaml = sample_with(NULL, text_of(&key));
    struct outcome o;
    outcome_of(&o, yaml);
    cb_buf_init(&expected, CB_KIB);
    cb_buf_add_cstr(&expected, F "11: unknown key `");
    add_euros(&expected, 21);
    cb_buf_add_cstr(&expected, "...`\n");
    cr_expect_str_eq(outcome_problems(&o), text_of(&expected));
    outcome_done(&o);
    free(yaml);
    cb_buf_done(&expected);
    cb_buf_done(&key);
}
