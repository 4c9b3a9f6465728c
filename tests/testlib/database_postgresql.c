/* A schema of its own in the cluster of the fixture, reached by a socket of its own: a link to the cluster's,
 * which can be taken away while other tests go on. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "database.h"

static char folder[64], schema[64], socket_here[128], socket_there[256];
static PGconn *admin;

static PGconn *connect_as_admin(void)
{
    const char *path = getenv("CB_TEST_POSTGRESQL_FILE");
    char uri[256] = "";
    FILE *f = path == NULL ? NULL : fopen(path, "r");
    database_need(f != NULL, "CB_TEST_POSTGRESQL_FILE names no file: see tests/support/README.md");
    database_need(fgets(uri, sizeof uri, f) != NULL, path);
    (void)fclose(f);
    uri[strcspn(uri, "\n")] = '\0';
    PGconn *c = PQconnectdb(uri);
    database_need(PQstatus(c) == CONNECTION_OK, "cannot connect to the cluster");
    return c;
}

static void ignore(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

static bool execute(const char *sql, int64_t *out_number)
{
    PGresult *r = PQexec(admin, sql);
    const ExecStatusType status = PQresultStatus(r);
    if (out_number != NULL && status == PGRES_TUPLES_OK && PQntuples(r) > 0) {
        *out_number = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    }
    PQclear(r);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* The schema's name stands between the two. */
static void execute_about_schema(const char *before, const char *after)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "%s%s%s", before, schema, after);
    database_need(execute(sql, NULL), sql);
}

static void back(void)
{
    database_need(symlink(socket_there, socket_here) == 0, "symlink");
}

static void make(char *where, size_t size)
{
    (void)snprintf(folder, sizeof folder, "/tmp/certbound-contract-XXXXXX");
    database_need(mkdtemp(folder) != NULL, folder);
    (void)snprintf(schema, sizeof schema, "t_%s", folder + strlen(folder) - 6);

    admin = connect_as_admin();
    (void)PQsetNoticeReceiver(admin, ignore, NULL);
    execute_about_schema("CREATE SCHEMA \"", "\"");
    execute_about_schema("SET search_path TO \"", "\"");

    PGresult *r = PQexec(admin, "SHOW unix_socket_directories");
    (void)snprintf(socket_there, sizeof socket_there, "%s/.s.PGSQL.%s", PQgetvalue(r, 0, 0), PQport(admin));
    (void)snprintf(socket_here, sizeof socket_here, "%s/.s.PGSQL.%s", folder, PQport(admin));
    PQclear(r);
    back();
    (void)snprintf(where, size,
                   "postgresql://postgres:hunter2@/postgres?host=%s&port=%s&application_name=%s"
                   "&options=-csearch_path%%3D%%22%s%%22",
                   folder, PQport(admin), schema, schema);
}

static void hang_up(void)
{
    execute_about_schema(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '", "'");
}

static void away(void)
{
    database_need(unlink(socket_here) == 0, "unlink");
    hang_up();
}

static void drop(void)
{
    hang_up();
    execute_about_schema("DROP SCHEMA \"", "\" CASCADE");
    PQfinish(admin);
    (void)unlink(socket_here);
    database_need(rmdir(folder) == 0, "the folder is not empty");
}

static void lock(void)
{
    database_need(execute("BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE MODE", NULL),
                  "cannot lock the table");
}

static void unlock(void)
{
    database_need(execute("ROLLBACK", NULL), "ROLLBACK");
}

const struct database database_postgresql = { "postgresql", make,    drop, execute, away,
                                              back,         hang_up, lock, unlock };
