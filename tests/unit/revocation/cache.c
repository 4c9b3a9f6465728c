#include "revocation/cache.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"

static char folder[] = "/tmp/certbound-cache-XXXXXX";
static struct cb_crl_cache *cache;

static void open_cache(uint64_t max_bytes)
{
    struct cb_err err = { 0 };
    cb_crl_cache_close(cache);
    cr_assert_not(CB_FAILED(cb_crl_cache_open(folder, max_bytes, time(NULL), &cache, &err)), "%s",
                  err.detail);
}

static void setup(void)
{
    cr_assert_not_null(mkdtemp(folder));
    open_cache(1000);
}

static void teardown(void)
{
    DIR *d = opendir(folder);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    (void)closedir(d);
    (void)rmdir(folder);
    cb_crl_cache_close(cache);
}

TestSuite(cache, .init = setup, .fini = teardown);

static char *path_of(const char *group, const char *url)
{
    char *path = cb_crl_cache_path(cache, group, url);
    cr_assert_not_null(path);
    return path;
}

static enum cb_code put(const char *url, size_t size, bool known)
{
    static char bytes[2000];
    struct cb_err err = { 0 };
    char *path = path_of("g", url);
    (void)cb_crl_cache_put(cache, path, (struct cb_str){ bytes, size }, known, &err).v_;
    free(path);
    return err.code;
}

/* -1: there is none. */
static long held(const char *url)
{
    struct cb_arena a;
    struct cb_str bytes = { 0 };
    char *path = path_of("g", url);
    cb_arena_init(&a, CB_MIB);
    cr_assert_not(CB_FAILED(cb_crl_cache_get(&a, path, &bytes, NULL)));
    const long n = bytes.p == NULL ? -1 : (long)bytes.n;
    cb_arena_done(&a);
    free(path);
    return n;
}

Test(cache, holds_what_it_was_given)
{
    cr_expect_eq(held("u"), -1);
    cr_expect_eq(put("u", 10, false), CB_E_NONE);
    cr_expect_eq(held("u"), 10);
    cr_expect_eq(put("u", 20, false), CB_E_NONE);
    cr_expect_eq(held("u"), 20);
    cr_expect_eq(put("u", 30, true), CB_E_NONE, "the one that is there stays");
    cr_expect_eq(held("u"), 20);
    cr_expect_eq(put("other", 30, true), CB_E_NONE, "but somebody may have removed it");
    cr_expect_eq(held("other"), 30);
    open_cache(1000);
    cr_expect_eq(held("u"), 20);
}

Test(cache, has_a_file_for_each_group_and_url)
{
    static const char *const of[][2] = { { "a", "u" }, { "b", "u" }, { "a", "v" }, { "a\nu", "" } };
    char *paths[CB_COUNT(of)];
    for (size_t i = 0; i < CB_COUNT(of); i++) {
        paths[i] = path_of(of[i][0], of[i][1]);
        for (size_t k = 0; k < i; k++) {
            cr_expect_str_neq(paths[i], paths[k]);
        }
    }
    for (size_t i = 0; i < CB_COUNT(of); i++) {
        free(paths[i]);
    }
    cr_expect_null(cb_crl_cache_path(NULL, "a", "u"));
}

Test(cache, is_its_owners_alone)
{
    char fresh[sizeof folder + 8];
    struct stat st = { 0 };
    char *path = path_of("g", "u");
    cr_expect_eq(put("u", 1, false), CB_E_NONE);
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0600);
    free(path);

    struct cb_crl_cache *made = NULL;
    (void)snprintf(fresh, sizeof fresh, "%s/fresh", folder);
    cr_assert_not(CB_FAILED(cb_crl_cache_open(fresh, 1, time(NULL), &made, NULL)));
    cr_assert_eq(stat(fresh, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0700);
    cb_crl_cache_close(made);
    (void)rmdir(fresh);
}

Test(cache, is_a_folder_to_write_to)
{
    struct cb_crl_cache *none = NULL;
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_crl_cache_open("/dev/null", 1, 0, &none, &err)));
    cr_expect_eq(err.code, CB_E_FILE);
    err.code = CB_E_NONE;
    cr_expect(CB_FAILED(cb_crl_cache_open("/nowhere/cache", 1, 0, &none, &err)));
    cr_expect_eq(err.code, CB_E_FILE);
}

Test(cache, has_its_limit_for_all_together)
{
    cr_expect_eq(put("u", 600, false), CB_E_NONE);
    cr_expect_eq(put("v", 401, false), CB_E_FILE);
    cr_expect_eq(held("v"), -1);
    cr_expect_eq(put("v", 400, false), CB_E_NONE);
    cr_expect_eq(put("u", 600, false), CB_E_NONE, "what is replaced does not count");
    cr_expect_eq(put("u", 601, false), CB_E_FILE);
    cr_expect_eq(held("u"), 600);
}

static void age(const char *url, time_t days)
{
    char *path = path_of("g", url);
    const struct timespec at = { .tv_sec = time(NULL) - days * 86400 };
    cr_assert_eq(utimensat(AT_FDCWD, path, (const struct timespec[]){ at, at }, 0), 0);
    free(path);
}

Test(cache, forgets_what_was_not_fetched_for_a_month)
{
    char stranger[sizeof folder + 32], unfinished[sizeof folder + 64];
    (void)snprintf(stranger, sizeof stranger, "%s/notes.txt", folder);
    (void)snprintf(unfinished, sizeof unfinished, "%s/x.crl" CB_FILE_UNFINISHED "abcdef", folder);
    cr_assert_not(CB_FAILED(cb_file_replace(stranger, CB_STR("x"), NULL)));
    cr_assert_not(CB_FAILED(cb_file_replace(unfinished, CB_STR("x"), NULL)));
    cr_expect_eq(put("old", 10, false), CB_E_NONE);
    cr_expect_eq(put("used", 10, false), CB_E_NONE);
    cr_expect_eq(put("young", 10, false), CB_E_NONE);
    age("old", 32);
    age("used", 32);
    age("young", 30);
    cr_expect_eq(put("used", 10, true), CB_E_NONE);
    open_cache(1000);
    cr_expect_eq(held("old"), -1);
    cr_expect_eq(held("used"), 10);
    cr_expect_eq(held("young"), 10);
    cr_expect_eq(access(stranger, F_OK), 0);
    cr_expect_neq(access(unfinished, F_OK), 0);
}
