#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void database_need(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "test database: %s\n", what);
        abort();
    }
}

const struct database *database_of_test(void)
{
    const char *name = getenv("CB_TEST_STORE");
    database_need(name != NULL, "CB_TEST_STORE is not set: sqlite or postgresql");
    const bool sqlite = strcmp(name, database_sqlite.name) == 0;
    database_need(sqlite || strcmp(name, database_postgresql.name) == 0, name);
    return sqlite ? &database_sqlite : &database_postgresql;
}
