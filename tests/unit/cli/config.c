#include <criterion/criterion.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "bench.h"

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
             "address: 127.0.0.1:%d\n    certificate: server.pem\n    private_key: server.key\n",
             BENCH_PORT + 1);
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
    json_decref(bench_json(&b));
    run_done(&b.r);
    RUN_COMMAND(&b.r, "config", "print", "--reference");
    cr_expect_eq(b.r.status, CB_EXIT_OK);
    cr_expect_eq(strncmp(b.r.out, "| Key |", 7), 0);
    run_done(&b.r);
    RUN_COMMAND(&b.r, "config", "print");
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
