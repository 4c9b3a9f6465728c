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
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_UNAVAILABLE); /* it was there */
}

Test(sqlite, a_folder_is_no_file)
{
    cr_assert_eq(mkdir(path(), 0700), 0);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_UNAVAILABLE);
    cr_assert_eq(rmdir(path()), 0);
}

Test(sqlite, a_folder_that_vanished_is_said)
{
    char folder[512], moved[600];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path(), '/') - path()), path());
    (void)snprintf(moved, sizeof moved, "%s.away", folder);
    cr_assert_eq(rename(folder, moved), 0);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_UNAVAILABLE);
    cr_expect_not_null(strstr(err.detail, "No such file"), "%s", err.detail);
    cr_assert_eq(rename(moved, folder), 0);
    EXPECT(cb_store_check_schema(store, &err), CB_E_STORE_SCHEMA); /* a new one, but there */
}

static void remove_companion(const char *end)
{
    char name[600];
    (void)snprintf(name, sizeof name, "%s%s", path(), end);
    (void)unlink(name);
}

static enum cb_code get(const char *client_id)
{
    struct cb_arena arena;
    struct cb_client_record out;
    cb_arena_init(&arena, 10000);
    const enum cb_code code = CODE(cb_store_client_get(store, &arena, cb_str_of(client_id), &out, &err));
    cb_arena_done(&arena);
    return code;
}

/* Restored as SQLite wants it, the log of the old file removed with it, but under a handle that is open. */
Test(sqlite, a_backup_put_in_its_place_is_read_and_written)
{
    char backup[600], sql[700];
    bool changed = false;
    const struct cb_client_record kept = client_of("kept"), lost = client_of("lost"),
                                  later = client_of("later");
    (void)snprintf(backup, sizeof backup, "%s.backup", path());
    (void)snprintf(sql, sizeof sql, "VACUUM INTO '%s'", backup);
    MUST(cb_store_migrate(store, 1000, &err));
    MUST(cb_store_client_add(store, &kept, &err));
    place_do(sql);
    MUST(cb_store_client_add(store, &lost, &err));
    const int64_t known = generation();
    MUST(cb_store_wait_change(store, known, 0, &changed, &err));
    cr_expect_not(changed);

    cr_assert_eq(rename(backup, path()), 0);
    remove_companion("-wal");
    remove_companion("-shm");
    MUST(cb_store_wait_change(store, known, 0, &changed, &err));
    cr_expect(changed);
    cr_expect_eq(get("kept"), CB_E_NONE, "%s", err.detail);
    cr_expect_eq(get("lost"), CB_E_NOT_FOUND, "%s", err.detail);
    MUST(cb_store_client_add(store, &later, &err));
    cr_expect_eq(place_number("SELECT count(*) FROM clients"), 2, "in the file that is there now");
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
