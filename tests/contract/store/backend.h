/* What place.h asks of a database. */
#ifndef BACKEND_H
#define BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backend {
    const char *name;
    void (*make)(char *where, size_t size);
    void (*drop)(void);
    bool (*execute)(const char *sql, int64_t *out_number); /* NULL: the result does not matter */
    void (*away)(void);
    void (*back)(void);
    void (*hang_up)(void);
};

extern const struct backend sqlite_backend, postgresql_backend;
extern const struct backend *const backends[]; /* ended by NULL */

#endif
