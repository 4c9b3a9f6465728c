#include "bench.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/demo/dev.h"

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

void run_command(struct run *r, const char *const *words)
{
    run(r, commands, CB_COUNT(commands), words);
}

void bench_path(const struct bench *b, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", b->dir, name);
}

void bench_open(struct bench *b)
{
    *b = (struct bench){ .dir = "/tmp/cb-cli-XXXXXX" };
    umask(0077);
    cr_assert_not_null(mkdtemp(b->dir));
    struct cb_arena a;
    cb_arena_init(&a, 4 * CB_MIB);
    struct cb_dev_folder made = { .port = 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_dev_prepare(&a, b->dir, BENCH_PORT, time(NULL), &made, &err)), "%s",
                  err.detail);
    cr_assert(made.fresh && !made.registered);
    cr_assert_eq(made.port, BENCH_PORT);
    snprintf(b->config, sizeof b->config, "%s", made.config);
    cb_arena_done(&a);
    /* Partner B registers itself with a running server; here is none. */
    char certificate[128];
    bench_path(b, "partner-b.pem", certificate);
    cr_assert_eq(
        bench_command(b, (const char *const[]){ "client", "add", "--client-id", "partner-b", "--certificate",
                                                certificate, "--scope", "accounts payments", NULL }),
        CB_EXIT_OK, "%s", b->r.err);
    run_done(&b->r);
}

void bench_close(struct bench *b)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", b->dir);
    cr_assert_eq(system(command), 0);
    run_done(&b->r);
}

int bench_command(struct bench *b, const char *const *words)
{
    const char *all[32] = { 0 };
    size_t n = 0;
    for (; words[n] != NULL; n++) {
        all[n] = words[n];
    }
    all[n] = "--config";
    all[n + 1] = b->config;
    run_done(&b->r);
    run_command(&b->r, all);
    return b->r.status;
}

json_t *bench_json(const struct bench *b)
{
    json_t *j = json_loads(b->r.out, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(j, "%s%s", b->r.out, b->r.err);
    return j;
}
