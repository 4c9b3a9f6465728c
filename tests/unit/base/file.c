#include "base/file.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static void make(mode_t mode, size_t size)
{
    (void)snprintf(path, sizeof path, "/tmp/certbound-file-XXXXXX");
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(ftruncate(fd, (off_t)size), 0);
    cr_assert_eq(fchmod(fd, mode), 0);
    (void)close(fd);
}

static enum cb_code read_code(bool secret, size_t max)
{
    struct cb_arena a;
    cb_arena_init(&a, 1 << 20);
    struct cb_err err = { 0 };
    struct cb_str s = { 0 };
    const cb_status st =
        secret ? cb_file_read_secret(&a, path, max, &s, &err) : cb_file_read(&a, path, max, &s, &err);
    cr_assert_eq(CB_FAILED(st), err.code != CB_E_NONE);
    cb_arena_done(&a);
    (void)unlink(path);
    return err.code;
}

Test(file, reads_up_to_its_bound)
{
    make(0644, 100);
    cr_assert_eq(read_code(false, 100), CB_E_NONE);
    make(0644, 101);
    cr_assert_eq(read_code(false, 100), CB_E_FILE);
}

Test(file, a_secret_must_not_be_readable_by_others)
{
    static const struct {
        mode_t mode;
        enum cb_code code;
    } rows[] = { { 0600, CB_E_NONE },        { 0400, CB_E_NONE },        { 0700, CB_E_NONE },
                 { 0640, CB_E_SECRET_FILE }, { 0604, CB_E_SECRET_FILE }, { 0620, CB_E_SECRET_FILE },
                 { 0602, CB_E_SECRET_FILE }, { 0644, CB_E_SECRET_FILE } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make(rows[i].mode, 1);
        cr_expect_eq(read_code(true, 10), rows[i].code, "mode %o", (unsigned)rows[i].mode);
    }
}

Test(file, refuses_what_is_not_a_file)
{
    (void)snprintf(path, sizeof path, "/tmp");
    cr_assert_eq(read_code(false, 10), CB_E_FILE);
    (void)snprintf(path, sizeof path, "/nonexistent/x");
    cr_assert_eq(read_code(true, 10), CB_E_FILE);
}

Test(file, does_not_wait_for_a_pipe)
{
    (void)snprintf(path, sizeof path, "/tmp/certbound-fifo-%d", (int)getpid());
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(read_code(true, 10), CB_E_FILE);
}

/* --- replacing --- */

static char folder[] = "/tmp/certbound-folder-XXXXXX";

static enum cb_code replace(const char *name, const char *text)
{
    struct cb_err err = { 0 };
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert_eq(CB_FAILED(cb_file_replace(path, cb_str_of(text), &err)), err.code != CB_E_NONE);
    return err.code;
}

static size_t files_in_folder(void)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    while (readdir(d) != NULL) {
        n++;
    }
    (void)closedir(d);
    return n - 2;
}

Test(file, is_created_once_with_its_mode)
{
    struct cb_err err = { 0 };
    struct stat st = { 0 };
    cr_assert_not_null(mkdtemp(folder));
    umask(022);
    const int at = open(folder, O_RDONLY | O_DIRECTORY);
    cr_expect_not(CB_FAILED(cb_file_create(at, "new", 0640, CB_STR("first"), &err)), "%s", err.detail);
    cr_expect(CB_FAILED(cb_file_create(at, "new", 0640, CB_STR("second"), &err)));
    cr_expect_eq(err.code, CB_E_FILE);
    cr_assert_eq(fstatat(at, "new", &st, 0), 0);
    cr_expect_eq(st.st_size, 5);
    cr_expect_eq(st.st_mode & 07777, 0640);
    cr_assert_eq(symlinkat("elsewhere", at, "link"), 0);
    cr_expect(CB_FAILED(cb_file_create(at, "link", 0600, CB_STR("x"), &err)));
    cr_expect_neq(fstatat(at, "elsewhere", &st, 0), 0);
    cr_expect_eq(unlinkat(at, "new", 0) + unlinkat(at, "link", 0) + close(at) + rmdir(folder), 0);
}

Test(file, is_replaced_whole_and_for_its_owner_alone)
{
    struct stat st = { 0 };
    cr_assert_not_null(mkdtemp(folder));
    cr_expect_eq(replace("a", "first, and longer"), CB_E_NONE);
    cr_expect_eq(replace("a", "second"), CB_E_NONE);
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0600);
    cr_expect_eq(st.st_size, 6);
    cr_expect_eq(files_in_folder(), 1);
    (void)snprintf(path, sizeof path, "%s/b", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_expect_eq(replace("b", "a folder is not replaced"), CB_E_FILE);
    cr_assert_eq(rmdir(path), 0);
    cr_expect_eq(replace("none/a", "text"), CB_E_FILE);
    cr_expect_eq(files_in_folder(), 1, "nothing is left half-way");
    (void)replace("a", "");
    (void)unlink(path);
    (void)rmdir(folder);
}
