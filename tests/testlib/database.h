/* A database of a test's own, and what can befall it: a SQLite file in a folder of its own, or a schema of
 * its own in the PostgreSQL cluster of tests/support. Whatever goes wrong in here ends the test program. One
 * at a time. */
#ifndef DATABASE_H
#define DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct database {
    const char *name;
    void (*make)(char *where, size_t size); /* empty; the string is for cb_store_open */
    void (*drop)(void);
    bool (*execute)(const char *sql,
                    int64_t *out_number); /* behind the store's back; the first value, or NULL */
    void (*away)(void);                   /* connections break, new ones are refused */
    void (*back)(void);
    void (*hang_up)(void); /* connections break, new ones are welcome */
    void (*lock)(void);    /* nobody else can write */
    void (*unlock)(void);
};

/* "sqlite" or "postgresql", as CB_TEST_STORE says. */
const struct database *database_of_test(void);

/* For the two below it. */
void database_need(bool condition, const char *what);
extern const struct database database_sqlite, database_postgresql;

#endif
