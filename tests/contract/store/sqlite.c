/* What only a file can be. */
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"

static void init(void)
{
    place_only("sqlite");
    place_new();
}

TestSuite(sqlite, .init = init, .fini = place_done);

static const char *path(void)
{
    return place + strlen("sqlite:");
}

Test(sqlite, a_file_that_is_no_database_is_a_store_error)
{
    FILE *f = fopen(path(), "w");
    cr_assert_not_null(f);
    for (int i = 0; i < 500; i++) {
        (void)fputs("This is not a database. ", f);
    }
    (void)fclose(f);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE);
    (void)unlink(path());
    EXPECT(cb_store_ping(store, &err), CB_E_STORE_UNAVAILABLE); /* it was there */
}

Test(sqlite, a_folder_is_no_file)
{
    cr_assert_eq(mkdir(path(), 0700), 0);
    EXPECT(cb_store_ping(store, &err), CB_E_STORE_UNAVAILABLE);
    cr_assert_eq(rmdir(path()), 0);
}

Test(sqlite, a_folder_that_vanished_is_said)
{
    char folder[512], moved[600];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path(), '/') - path()), path());
    (void)snprintf(moved, sizeof moved, "%s.away", folder);
    cr_assert_eq(rename(folder, moved), 0);
    EXPECT(cb_store_ping(store, &err), CB_E_STORE_UNAVAILABLE);
    cr_expect_not_null(strstr(err.detail, "No such file"), "%s", err.detail);
    cr_assert_eq(rename(moved, folder), 0);
    EXPECT(cb_store_ping(store, &err), CB_E_NONE);
}

Test(sqlite, a_new_file_is_for_its_owner_only)
{
    (void)umask(0);
    MUST(cb_store_migrate(store, 1000, &err));
    static const char *const ends[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < CB_COUNT(ends); i++) {
        char path[600];
        struct stat st = { 0 };
        (void)snprintf(path, sizeof path, "%s%s", place + strlen("sqlite:"), ends[i]);
        cr_expect_eq(stat(path, &st), 0, "%s", path);
        cr_expect_eq(st.st_mode & 0777, 0600, "%s has mode %o", path, st.st_mode & 0777);
    }
}
