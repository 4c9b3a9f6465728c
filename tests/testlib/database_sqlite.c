/* A file in a folder of its own. It goes away by being moved. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "database.h"

static char folder[64], file[80], moved[96];

static void make(char *where, size_t size)
{
    (void)snprintf(folder, sizeof folder, "/tmp/certbound-contract-XXXXXX");
    database_need(mkdtemp(folder) != NULL, folder);
    (void)snprintf(file, sizeof file, "%s/store.db", folder);
    (void)snprintf(moved, sizeof moved, "%s.away", file);
    (void)snprintf(where, size, "sqlite:%s", file);
}

static void drop(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".away" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", file, ends[i]);
        (void)unlink(path);
    }
    database_need(rmdir(folder) == 0, "the folder is not empty");
}

static int take_number(void *out, int n, char **values, char **names)
{
    (void)names;
    if (out != NULL && n > 0 && values[0] != NULL) {
        *(int64_t *)out = strtoll(values[0], NULL, 10);
    }
    return 0;
}

static bool execute(const char *sql, int64_t *out_number)
{
    sqlite3 *db = NULL;
    database_need(sqlite3_open(file, &db) == SQLITE_OK, "cannot open the file");
    (void)sqlite3_busy_timeout(db, 5000);
    const int rc = sqlite3_exec(db, sql, take_number, out_number, NULL);
    (void)sqlite3_close(db);
    return rc == SQLITE_OK;
}

static void away(void)
{
    if (access(file, F_OK) != 0) {
        return;
    }
    database_need(rename(file, moved) == 0, "rename");
}

static void back(void)
{
    database_need(rename(moved, file) == 0, "rename");
}

/* There is no connection that could break while the file stays. */
static void hang_up(void)
{
}

static sqlite3 *holder;

static void lock(void)
{
    database_need(sqlite3_open(file, &holder) == SQLITE_OK, "cannot open the file");
    database_need(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK,
                  "cannot lock the file");
}

static void unlock(void)
{
    (void)sqlite3_close(holder);
}

const struct database database_sqlite = { "sqlite", make, drop, execute, away, back, hang_up, lock, unlock };
