/* The commands on a real folder of `certbound dev`: SQLite, certificates, keys. */
#include "cli/commands.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "cert/x5t.h"
#include "cli/demo/dev.h"
#include "jose/jwk.h"
#include "run.h"

static const struct cb_command *const commands[] = {
    &cb_command_config_check,
    &cb_command_config_print,
    &cb_command_db_migrate,
    &cb_command_db_status,
    &cb_command_client_add,
    &cb_command_client_list,
    &cb_command_client_show,
    &cb_command_client_update,
    &cb_command_client_disable,
    &cb_command_client_enable,
    &cb_command_client_remove,
    &cb_command_key_list,
    &cb_command_key_rotate,
    &cb_command_key_retire,
    &cb_command_trust_list,
    &cb_command_explain,
    &cb_command_token,
    &cb_command_verify,
    &cb_command_client_certificates,
    &cb_command_client_revocations,
    &cb_command_client_revoke_certificate,
    &cb_command_client_unrevoke_certificate,
};

/* A folder that goes when the test ends. */
struct bench {
    char dir[64];
    char config[96];
    struct run r;
};

enum { PORT = 18443 };

static void bench_path(const struct bench *b, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", b->dir, name);
}

static int command(struct bench *b, const char *const *words);

static void bench_open(struct bench *b)
{
    *b = (struct bench){ .dir = "/tmp/cb-cli-XXXXXX" };
    umask(0077);
    cr_assert_not_null(mkdtemp(b->dir));
    struct cb_arena a;
    cb_arena_init(&a, 4 * CB_MIB);
    struct cb_dev_folder made = { .port = 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_dev_prepare(&a, b->dir, PORT, time(NULL), &made, &err)), "%s", err.detail);
    cr_assert(made.fresh && !made.registered);
    cr_assert_eq(made.port, PORT);
    snprintf(b->config, sizeof b->config, "%s", made.config);
    cb_arena_done(&a);
    /* Partner B registers itself with a running server; here is none. */
    char certificate[128];
    bench_path(b, "partner-b.pem", certificate);
    cr_assert_eq(
        command(b, (const char *const[]){ "client", "add", "--client-id", "partner-b", "--certificate",
                                          certificate, "--scope", "accounts payments", NULL }),
        CB_EXIT_OK, "%s", b->r.err);
    run_done(&b->r);
}

static void bench_close(struct bench *b)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", b->dir);
    cr_assert_eq(system(command), 0);
    run_done(&b->r);
}

/* Runs with --config at the end. */
static int command(struct bench *b, const char *const *words)
{
    const char *all[32] = { 0 };
    size_t n = 0;
    for (; words[n] != NULL; n++) {
        all[n] = words[n];
    }
    all[n] = "--config";
    all[n + 1] = b->config;
    run_done(&b->r);
    run(&b->r, commands, CB_COUNT(commands), all);
    return b->r.status;
}
#define COMMAND(b, ...) command((b), (const char *const[]){ __VA_ARGS__, NULL })

static json_t *json_of(const struct bench *b)
{
    json_t *j = json_loads(b->r.out, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(j, "%s%s", b->r.out, b->r.err);
    return j;
}

/* --- dev --- */

Test(dev, makes_what_it_names)
{
    static const struct {
        const char *name;
        mode_t mode;
    } files[] = { { "ca.pem", 0600 },        { "server.pem", 0600 },    { "server.key", 0600 },
                  { "partner-a.pem", 0600 }, { "partner-a.key", 0600 }, { "partner-b.pem", 0600 },
                  { "partner-b.key", 0600 }, { "certbound.db", 0600 },  { "key-encryption.key", 0600 },
                  { "certbound.yaml", 0600 } };
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < CB_COUNT(files); i++) {
        char path[128];
        struct stat st = { 0 };
        bench_path(&b, files[i].name, path);
        cr_expect_eq(stat(path, &st), 0, "%s", files[i].name);
        cr_expect_eq(st.st_mode & 0777, files[i].mode, "%s: %o", files[i].name, st.st_mode & 0777);
    }
    cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "db", "status"), CB_EXIT_OK, "%s", b.r.err);
    bench_close(&b);
}

static enum cb_code prepare(const char *dir, int port, struct cb_dev_folder *out)
{
    struct cb_arena a;
    cb_arena_init(&a, 4 * CB_MIB);
    struct cb_err err = { 0 };
    (void)CB_FAILED(cb_dev_prepare(&a, dir, port, time(NULL), out, &err));
    cb_arena_done(&a);
    return err.code;
}

Test(dev, takes_a_complete_folder_again_and_changes_nothing)
{
    struct bench b;
    bench_open(&b);
    struct cb_arena a;
    cb_arena_init(&a, CB_MIB);
    char path[128];
    struct cb_str before, after;
    bench_path(&b, "ca.pem", path);
    cr_assert_not(CB_FAILED(cb_file_read(&a, path, CB_MIB, &before, NULL)));
    struct cb_dev_folder again = { .fresh = true };
    cr_expect_eq(prepare(b.dir, 0, &again), CB_E_NONE);
    cr_expect(!again.fresh && !again.registered && again.port == PORT);
    bench_path(&b, CB_DEV_REGISTRATION, path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    cr_expect_eq(prepare(b.dir, PORT, &again), CB_E_NONE);
    cr_expect(again.registered);
    bench_path(&b, "ca.pem", path);
    cr_assert_not(CB_FAILED(cb_file_read(&a, path, CB_MIB, &after, NULL)));
    cr_expect(cb_str_eq(before, after));
    cr_expect_eq(prepare(b.dir, PORT + 1, &again), CB_E_CONFIG, "made for another port");
    cb_arena_done(&a);
    bench_close(&b);
}

Test(dev, leaves_foreign_and_incomplete_folders_alone)
{
    struct bench b;
    bench_open(&b);
    char path[128];
    struct cb_dev_folder none = { .port = 0 };
    bench_path(&b, "partner-a.key", path);
    cr_assert_eq(unlink(path), 0);
    cr_expect_eq(prepare(b.dir, 0, &none), CB_E_FILE);
    cr_expect_neq(access(path, F_OK), 0);
    cr_expect_eq(prepare("/proc", 0, &none), CB_E_FILE);
    cr_expect_eq(prepare("/dev/null/x", 0, &none), CB_E_FILE);
    bench_close(&b);
}

/* --- config --- */

Test(config_commands, check_reports_files_that_do_not_fit)
{
    struct bench b;
    bench_open(&b);
    char key[128], ca[128], kek[128];
    bench_path(&b, "server.key", key);
    bench_path(&b, "ca.pem", ca);
    bench_path(&b, "key-encryption.key", kek);
    chmod(key, 0644);
    FILE *f = fopen(ca, "w");
    fputs("nothing\n", f);
    fclose(f);
    f = fopen(kek, "w");
    fputs("short\n", f);
    fclose(f);
    cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "server.key"), "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.err, "ca.pem"), "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.err, "key-encryption.key"), "%s", b.r.err);
    cr_expect_str_eq(b.r.out, "");
    bench_close(&b);
}

/* Puts another text into the configuration. */
static void edit(struct bench *b, const char *from, const char *to)
{
    struct cb_arena a;
    struct cb_str text = { 0 };
    struct cb_err err = { 0 };
    cb_arena_init(&a, CB_MIB);
    cr_assert_not(CB_FAILED(cb_file_read(&a, b->config, CB_MIB, &text, &err)), "%s", err.detail);
    const char *at = strstr(text.p, from);
    cr_assert_not_null(at, "%s", from);
    FILE *f = fopen(b->config, "w");
    fprintf(f, "%.*s%s%s", (int)(at - text.p), text.p, to, at + strlen(from));
    fclose(f);
    cb_arena_done(&a);
}

Test(config_commands, every_file_that_is_named_is_read)
{
    static const struct {
        const char *from, *to, *said;
    } mistakes[] = {
        { "keys:\n", "outbound:\n  ca_file: nowhere.pem\nkeys:\n", "outbound.ca_file: " },
        { "keys:\n", "outbound:\n  ca_file: server.key\nkeys:\n", "server.key holds no certificate in PEM" },
        { "anchors: ca.pem\n",
          "anchors: ca.pem\n    revocation:\n      check: crl\n      crls: [nowhere.crl]\n",
          "nowhere.crl: could not open" },
        { "anchors: ca.pem\n", "anchors: ca.pem\n    revocation:\n      check: crl\n      crls: [ca.pem]\n",
          "X509 CRL" },
        { "certificate: server.pem", "certificate: server.key", "server.key holds no certificate in PEM" },
        { "private_key: server.key", "private_key: server.pem", "server.pem holds no private key in PEM" },
        { "private_key: server.key", "private_key: sealed.key", "sealed.key is encrypted" },
        { "listeners:\n", "administrators:\n  - subject: alice\nlisteners:\n",
          "administrators[].subject, entry 1: " },
    };
    struct bench b;
    bench_open(&b);
    char sealed[128];
    bench_path(&b, "sealed.key", sealed);
    FILE *f = fopen(sealed, "w");
    fputs("-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n", f);
    fclose(f);
    for (size_t i = 0; i < CB_COUNT(mistakes); i++) {
        edit(&b, mistakes[i].from, mistakes[i].to);
        cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_REFUSED, "%s", mistakes[i].to);
        cr_expect_not_null(strstr(b.r.err, mistakes[i].said), "%s: %s", mistakes[i].said, b.r.err);
        edit(&b, mistakes[i].to, mistakes[i].from);
    }
    bench_close(&b);
}

Test(config_commands, listeners_have_certificates_of_their_own_or_none)
{
    struct bench b;
    bench_open(&b);
    edit(&b, "roles:\n",
         "  - name: people\n    anchors: ca.pem\nadministrators:\n  - subject: CN=alice\nroles:\n");
    edit(&b, "  ops:\n",
         "  admin:\n    address: 127.0.0.1:18999\n    certificate: server.pem\n"
         "    private_key: partner-a.key\n    trust_group: people\n  ops:\n");
    cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "listeners.admin: "), "%s", b.r.err);
    edit(&b, "partner-a.key", "server.key");
    cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_OK, "%s", b.r.err);
    char mtls[256];
    snprintf(mtls, sizeof mtls,
             "address: 127.0.0.1:%d\n    certificate: server.pem\n    private_key: server.key\n", PORT + 1);
    edit(&b, mtls, "address: unix:/tmp/mtls.sock\n    proxy:\n      certificate_header: nginx\n");
    cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_OK, "%s", b.r.err);
    bench_close(&b);
}

Test(config_commands, print)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "config", "print"), CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "issuer: \"https://localhost:18443\"\n"));
    cr_expect_eq(COMMAND(&b, "config", "print", "--json"), CB_EXIT_OK);
    json_decref(json_of(&b));
    run_done(&b.r);
    RUN(&b.r, commands, "config", "print", "--reference");
    cr_expect_eq(b.r.status, CB_EXIT_OK);
    cr_expect_eq(strncmp(b.r.out, "| Key |", 7), 0);
    run_done(&b.r);
    RUN(&b.r, commands, "config", "print");
    cr_expect_eq(b.r.status, CB_EXIT_USAGE);
    bench_close(&b);
}

Test(config_commands, every_problem_is_a_line)
{
    struct bench b;
    bench_open(&b);
    FILE *f = fopen(b.config, "a");
    fputs("nonsense: 1\nthreads: x\n", f);
    fclose(f);
    cr_expect_eq(COMMAND(&b, "config", "check"), CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "unknown key `nonsense`"), "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.err, "`threads` must be a whole number"), "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.err, ": 2 problems in /"), "%s", b.r.err);
    bench_close(&b);
}

/* --- client --- */

Test(client, list_and_show_know_the_partners)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "client", "list"), CB_EXIT_OK);
    cr_expect_not_null(strstr(b.r.out, "\npartner-a "), "%s", b.r.out);
    cr_expect_not_null(strstr(b.r.out, "\npartner-b "));
    cr_expect_eq(COMMAND(&b, "client", "list", "--json"), CB_EXIT_OK);
    json_t *j = json_of(&b);
    cr_expect_eq(json_array_size(json_object_get(j, "clients")), 2);
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "client", "show", "partner-a", "--json"), CB_EXIT_OK);
    j = json_of(&b);
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
        json_t *j = json_of(&b);
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
    json_decref(json_of(&b));
    cr_assert_eq(COMMAND(&b, "client", "show", "partner-a", "--json"), CB_EXIT_OK);
    json_t *j = json_of(&b);
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
    j = json_of(&b);
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
    json_t *j = json_of(&b);
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

/* --- certificates that clients were seen with --- */

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
    json_t *j = json_of(b), *c = NULL;
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

/* --- key --- */

Test(key, rotate_list_retire)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "key", "list"), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "key", "rotate"), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "key", "rotate"), CB_EXIT_REFUSED, "one rotation at a time");
    cr_expect_eq(COMMAND(&b, "key", "list", "--json"), CB_EXIT_OK);
    json_t *j = json_of(&b), *one = json_array_get(json_object_get(j, "keys"), 0);
    char kid[64];
    snprintf(kid, sizeof kid, "%s", json_string_value(json_object_get(one, "kid")));
    cr_expect_str_eq(json_string_value(json_object_get(one, "state")), "pending");
    cr_expect_str_eq(json_string_value(json_object_get(one, "alg")), "ES256");
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "key", "retire", "--", kid), CB_EXIT_USAGE, "--config went behind the --");
    char word[80];
    snprintf(word, sizeof word, "%s", kid);
    cr_expect_eq(COMMAND(&b, "key", "retire", "nothing"), CB_EXIT_REFUSED);
    if (kid[0] != '-' || kid[1] != '-') {
        cr_expect_eq(COMMAND(&b, "key", "retire", kid), CB_EXIT_OK, "%s", b.r.err);
    }
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
        json_t *j = json_of(&b);
        cr_expect_eq(json_array_size(json_object_get(j, "clients")), rows[i].count, "%s", rows[i].option);
        json_decref(j);
    }
    cr_expect_eq(COMMAND(&b, "client", "list", "--enabled", "--disabled"), CB_EXIT_USAGE);
    bench_close(&b);
}

Test(trust, list_tells_what_groups_demand_and_whom_they_trust)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "trust", "list"), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.out, "anchor"), "%s", b.r.out);
    cr_assert_eq(COMMAND(&b, "trust", "list", "--json"), CB_EXIT_OK, "%s", b.r.err);
    json_t *j = json_of(&b);
    const json_t *group = json_array_get(json_object_get(j, "trust_groups"), 0);
    cr_expect_eq(json_integer_value(json_object_get(group, "min_rsa_bits")), 2048);
    cr_expect_str_eq(json_string_value(json_object_get(json_object_get(group, "revocation"), "check")),
                     "off");
    cr_expect_eq(json_array_size(json_object_get(group, "anchors")), 1);
    json_decref(j);
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
    json_t *j = json_of(&b);
    const json_t *r = json_array_get(json_object_get(j, "revocations"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(r, "x5t#S256")), x5t);
    cr_expect_str_eq(json_string_value(json_object_get(r, "expires_at")), "2999-01-01T00:00:00Z");
    cr_expect_str_eq(json_string_value(json_object_get(r, "reason")), "lost");
    json_decref(j);
    cr_assert_eq(COMMAND(&b, "client", "revocations", "partner-a", "--json"), CB_EXIT_OK);
    j = json_of(&b);
    cr_expect_eq(json_array_size(json_object_get(j, "revocations")), 0);
    json_decref(j);
    bench_close(&b);
}

/* --- explain --- */

Test(explain, tells_what_is_in_a_certificate)
{
    struct bench b;
    bench_open(&b);
    char cert[128];
    bench_path(&b, "server.pem", cert);
    RUN(&b.r, commands, "explain", cert);
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
    json_t *j = json_of(&b), *client = json_array_get(json_object_get(j, "clients"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(client, "client_id")), "partner-a");
    cr_expect(json_is_true(json_object_get(client, "good")));
    cr_expect_eq(json_array_size(json_object_get(j, "clients")), 1);
    cr_expect(json_is_true(json_object_get(json_array_get(json_object_get(j, "trust_groups"), 0), "good")));
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "explain", a, "--client", "partner-b", "--json"), CB_EXIT_REFUSED);
    j = json_of(&b);
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

/* --- token --- */

Test(token, needs_one_way_to_the_endpoint)
{
    struct run r;
    RUN(&r, commands, "token", "--client-id", "a", "--cert", "c", "--key", "k");
    cr_expect_eq(r.status, CB_EXIT_USAGE);
    run_done(&r);
    RUN(&r, commands, "token", "--client-id", "a", "--cert", "c", "--key", "k", "--issuer",
        "https://127.0.0.1:1", "--token-endpoint", "https://127.0.0.1:1");
    cr_expect_eq(r.status, CB_EXIT_USAGE);
    run_done(&r);
    RUN(&r, commands, "token", "--client-id", "a", "--cert", "c", "--key", "k", "--issuer",
        "https://127.0.0.1:1");
    cr_expect_eq(r.status, CB_EXIT_REFUSED);
    run_done(&r);
}

/* --- verify --- */

/* A JWK set with one fresh key. */
static void write_jwks(const char *path)
{
    struct cb_sign_key *key = NULL;
    struct cb_err err = { 0 };
    struct cb_buf text;
    cb_buf_init(&text, CB_MIB);
    cr_assert_not(CB_FAILED(cb_sign_key_generate(CB_ALG_ES256, &key, &err)));
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    cr_assert_not(CB_FAILED(cb_jwk_write(key, CB_STR("k"), &j, &err)));
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    FILE *f = fopen(path, "w");
    fwrite(text.p, 1, text.n, f);
    fclose(f);
    cb_sign_key_free(key);
    cb_buf_done(&text);
}

Test(verify, refuses_with_the_librarys_word)
{
    static const struct {
        const char *token, *word;
    } tokens[] = {
        { "x", "token_malformed" },
        { "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiayJ9.e30.", "alg_refused" },
        { "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiayJ9.e30.AAAA", "alg_refused" },
    };
    struct bench b;
    bench_open(&b);
    char cert[128], jwks[128];
    bench_path(&b, "partner-a.pem", cert);
    bench_path(&b, "jwks.json", jwks);
    write_jwks(jwks);
    for (size_t i = 0; i < CB_COUNT(tokens); i++) {
        run_done(&b.r);
        RUN(&b.r, commands, "verify", "--token", tokens[i].token, "--cert", cert, "--issuer", "https://a",
            "--audience", "https://b", "--jwks", jwks, "--json");
        cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
        cr_expect_not_null(strstr(b.r.out, tokens[i].word), "%s", b.r.out);
        cr_expect_not_null(strstr(b.r.err, tokens[i].word), "%s", b.r.err);
    }
    bench_close(&b);
}

Test(verify, says_which_input_is_bad)
{
    struct bench b;
    bench_open(&b);
    char cert[128];
    bench_path(&b, "partner-a.pem", cert);
    RUN(&b.r, commands, "verify", "--token", "x", "--cert", cert, "--issuer", "https://a", "--audience",
        "https://b", "--jwks", b.config);
    cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "the JWK set is not accepted"), "%s", b.r.err);
    run_done(&b.r);
    RUN(&b.r, commands, "verify", "--token", "x", "--cert", b.config, "--issuer", "https://a", "--audience",
        "https://b", "--jwks", b.config);
    cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
    run_done(&b.r);
    RUN(&b.r, commands, "verify", "--token", "x", "--cert", cert, "--issuer", "https://127.0.0.1:1",
        "--audience", "x");
    cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
    bench_close(&b);
}
