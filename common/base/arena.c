#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/ct.h"

enum { CHUNK_SIZE = 4096 };

struct cb_arena_chunk {
    struct cb_arena_chunk *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

struct cb_arena_defer {
    struct cb_arena_defer *next;
    void (*fn)(void *);
    void *p;
};

void cb_arena_init(struct cb_arena *a, size_t max)
{
    *a = (struct cb_arena){ .max = max };
}

static struct cb_arena_chunk *chunk_new(size_t at_least)
{
    const size_t payload = CHUNK_SIZE - sizeof(struct cb_arena_chunk);
    const size_t size = at_least > payload ? at_least : payload;
    struct cb_arena_chunk *c = calloc(1, sizeof *c + size);
    if (c != NULL) {
        c->size = size;
    }
    return c;
}

void *cb_arena_alloc(struct cb_arena *a, size_t n)
{
    const size_t unit = alignof(max_align_t);
    if (n > SIZE_MAX - unit || a->max < a->used) {
        return NULL;
    }
    const size_t need = n == 0 ? unit : (n + unit - 1) / unit * unit;
    if (need > a->max - a->used) {
        return NULL;
    }
    struct cb_arena_chunk *c = a->chunks;
    if (c == NULL || c->size - c->used < need) {
        c = chunk_new(need);
        if (c == NULL) {
            return NULL;
        }
        c->next = a->chunks;
        a->chunks = c;
    }
    void *p = c->data + c->used;
    c->used += need;
    a->used += need;
    return p;
}

void *cb_arena_array(struct cb_arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    return cb_arena_alloc(a, count * size);
}

struct cb_str cb_arena_str(struct cb_arena *a, struct cb_str s)
{
    return (struct cb_str){ cb_arena_cstr(a, s), s.n };
}

char *cb_arena_cstr(struct cb_arena *a, struct cb_str s)
{
    char *p = s.n == SIZE_MAX ? NULL : cb_arena_alloc(a, s.n + 1);
    if (p != NULL && s.n > 0) {
        memcpy(p, s.p, s.n);
    }
    return p;
}

struct cb_str cb_arena_join(struct cb_arena *a, const struct cb_str *words, size_t count)
{
    size_t room = 1; /* so that no words are a text too */
    for (size_t i = 0; i < count; i++) {
        room += words[i].n + 1;
    }
    char *to = cb_arena_alloc(a, room);
    struct cb_str all = { to, 0 };
    for (size_t i = 0; to != NULL && i < count; i++) {
        if (i > 0) {
            to[all.n++] = ' ';
        }
        if (words[i].n > 0) {
            memcpy(to + all.n, words[i].p, words[i].n);
        }
        all.n += words[i].n;
    }
    return all;
}

bool cb_arena_defer(struct cb_arena *a, void (*fn)(void *), void *p)
{
    struct cb_arena_defer *d = cb_arena_alloc(a, sizeof *d);
    if (d == NULL) {
        fn(p);
        return false;
    }
    *d = (struct cb_arena_defer){ .next = a->defers, .fn = fn, .p = p };
    a->defers = d;
    return true;
}

static void run_defers(struct cb_arena *a)
{
    while (a->defers != NULL) {
        const struct cb_arena_defer *d = a->defers;
        a->defers = d->next;
        d->fn(d->p);
    }
}

void cb_arena_reset(struct cb_arena *a)
{
    run_defers(a);
    struct cb_arena_chunk *keep = NULL;
    for (struct cb_arena_chunk *c = a->chunks, *next; c != NULL; c = next) {
        next = c->next;
        cb_wipe(c->data, c->used);
        if (next == NULL && c->size <= CHUNK_SIZE) {
            keep = c;
            keep->used = 0;
        } else {
            free(c);
        }
    }
    a->chunks = keep;
    a->used = 0;
}

void cb_arena_done(struct cb_arena *a)
{
    run_defers(a);
    for (struct cb_arena_chunk *c = a->chunks, *next; c != NULL; c = next) {
        next = c->next;
        cb_wipe(c->data, c->used);
        free(c);
    }
    *a = (struct cb_arena){ 0 };
}
