#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "bench.h"
#include "cli/demo/dev.h"

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
    cr_expect(!again.fresh && !again.registered && again.port == BENCH_PORT);
    bench_path(&b, CB_DEV_REGISTRATION, path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    cr_expect_eq(prepare(b.dir, BENCH_PORT, &again), CB_E_NONE);
    cr_expect(again.registered);
    bench_path(&b, "ca.pem", path);
    cr_assert_not(CB_FAILED(cb_file_read(&a, path, CB_MIB, &after, NULL)));
    cr_expect(cb_str_eq(before, after));
    cr_expect_eq(prepare(b.dir, BENCH_PORT + 1, &again), CB_E_CONFIG, "made for another port");
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
