#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "config/load.h"

struct cb_value_line {
    const void *slot;
    int line;
    struct cb_value_line *next;
};

char *cb_load_text(struct cb_load *l, struct cb_str s)
{
    char *p = cb_arena_cstr(l->arena, s);
    l->no_memory |= p == NULL;
    return p;
}

void cb_load_problem(struct cb_load *l, int line, const char *fmt, ...)
{
    if (l->problem_count == CB_PROBLEMS_MAX) {
        l->more++;
        return;
    }
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    const char *kept = cb_arena_cstr(l->scratch, cb_str_of(text));
    if (kept == NULL) {
        l->no_memory = true;
        return;
    }
    l->problems[l->problem_count++] = (struct cb_problem){ line > 0 ? line : 1, kept };
}

struct cb_quoted cb_load_quote(struct cb_str typed)
{
    struct cb_quoted q = { 0 };
    size_t n = 0;
    while (typed.n > 0) {
        const size_t len = cb_utf8_sequence(typed);
        if (n + len > 64) {
            memcpy(q.text + n, "...", 3);
            break;
        }
        if (len == 0 || (unsigned char)typed.p[0] < 0x20 || typed.p[0] == 0x7f) {
            q.text[n++] = '?';
        } else {
            memcpy(q.text + n, typed.p, len);
            n += len;
        }
        typed.p += len == 0 ? 1 : len;
        typed.n -= len == 0 ? 1 : len;
    }
    return q;
}

static int by_line(const void *a, const void *b)
{
    const struct cb_problem *x = a, *y = b;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : strcmp(x->text, y->text);
}

void cb_load_write_problems(struct cb_load *l, struct cb_buf *out)
{
    qsort(l->problems, l->problem_count, sizeof l->problems[0], by_line);
    for (size_t i = 0; i < l->problem_count; i++) {
        cb_buf_add_cstr(out, l->path);
        cb_buf_add_fmt(out, ":%d: ", l->problems[i].line);
        cb_buf_add_cstr(out, l->problems[i].text);
        cb_buf_add_char(out, '\n');
    }
    if (l->more > 0) {
        cb_buf_add_cstr(out, l->path);
        cb_buf_add_fmt(out, ": and %zu more problems\n", l->more);
    }
}

void cb_load_note_line(struct cb_load *l, const void *slot, int line)
{
    struct cb_value_line *v = cb_arena_alloc(l->scratch, sizeof *v);
    if (v == NULL) {
        l->no_memory = true;
        return;
    }
    *v = (struct cb_value_line){ slot, line, l->lines };
    l->lines = v;
}

int cb_load_line(const struct cb_load *l, const void *slot)
{
    for (const struct cb_value_line *v = l->lines; v != NULL; v = v->next) {
        if (v->slot == slot) {
            return v->line;
        }
    }
    return 0;
}
