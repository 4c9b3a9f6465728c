/* A thread that does some things now and then. */
#ifndef CB_CHORES_H
#define CB_CHORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cb_chore {
    const char *name;
    int64_t every_ms;
    void (*run)(void *ctx, int64_t now); /* now in Unix seconds; says itself what went wrong */
};

struct cb_chores;

/* Each chore runs at once, and again when its time has passed since it began. The table outlives the thread.
 */
CB_MUST cb_chores_start(const struct cb_chore *chores, size_t count, void *ctx, struct cb_chores **out,
                        struct cb_err *err);

/* Waits for the chore under way. NULL is fine. */
void cb_chores_stop(struct cb_chores *j);

#endif
