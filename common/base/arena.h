/* Memory that lives and dies together: one arena per request, one per snapshot. Freed bytes are wiped. */
#ifndef CB_ARENA_H
#define CB_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct cb_arena_chunk;
struct cb_arena_defer;

/* Not thread-safe. A zeroed struct is a valid empty arena whose every allocation fails (max 0). */
struct cb_arena {
    struct cb_arena_chunk *chunks; /* the newest first */
    size_t used;                   /* bytes handed out, alignment included */
    size_t max;
    struct cb_arena_defer *defers; /* the newest first */
};

void cb_arena_init(struct cb_arena *a, size_t max);

/* Zeroed, aligned for any type; NULL when memory or `max` is used up. Owned by the arena. */
void *cb_arena_alloc(struct cb_arena *a, size_t n);
void *cb_arena_array(struct cb_arena *a, size_t count, size_t size); /* the product is checked */

/* Copies; cb_arena_cstr adds a NUL behind. p == NULL when memory is used up. */
struct cb_str cb_arena_str(struct cb_arena *a, struct cb_str s);
char *cb_arena_cstr(struct cb_arena *a, struct cb_str s);

/* One text of several words, a space between; p == NULL when memory is used up. */
struct cb_str cb_arena_join(struct cb_arena *a, const struct cb_str *words, size_t count);

/* Calls fn(p) when the arena is reset or done, the last deferred first: for what lives as long as the request
 * but is owned elsewhere. False when memory is used up; fn was then called at once. */
bool cb_arena_defer(struct cb_arena *a, void (*fn)(void *), void *p);

/* Wipes everything and keeps one chunk for the next request. */
void cb_arena_reset(struct cb_arena *a);

/* Wipes and frees everything. */
void cb_arena_done(struct cb_arena *a);

#endif
