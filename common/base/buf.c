#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ct.h"

void cb_buf_init(struct cb_buf *b, size_t max)
{
    *b = (struct cb_buf){ .max = max };
}

void cb_buf_over(struct cb_buf *b, void *memory, size_t size)
{
    *b = (struct cb_buf){ .p = memory, .cap = size, .max = size, .borrowed = true };
}

void cb_buf_reset(struct cb_buf *b)
{
    b->n = 0;
    b->failed = false;
}

void cb_buf_done(struct cb_buf *b)
{
    cb_wipe(b->p, b->n);
    if (!b->borrowed) {
        free(b->p);
    }
    *b = (struct cb_buf){ 0 };
}

/* Not realloc: it would leave a copy of the old bytes behind. */
static bool grow(struct cb_buf *b, size_t need)
{
    size_t cap = b->cap == 0 ? 256 : b->cap;
    while (cap < need) {
        cap = cap > b->max / 2 ? b->max : cap * 2;
    }
    char *p = malloc(cap);
    if (p == NULL) {
        return false;
    }
    if (b->n > 0) {
        memcpy(p, b->p, b->n);
        cb_wipe(b->p, b->n);
    }
    free(b->p);
    b->p = p;
    b->cap = cap;
    return true;
}

void *cb_buf_space(struct cb_buf *b, size_t n)
{
    if (b->failed || n > b->max - b->n || (b->n + n > b->cap && (b->borrowed || !grow(b, b->n + n)))) {
        b->failed = true;
        return NULL;
    }
    void *p = b->p + b->n;
    b->n += n;
    return p;
}

void cb_buf_add(struct cb_buf *b, const void *p, size_t n)
{
    if (n == 0) {
        return;
    }
    void *space = cb_buf_space(b, n);
    if (space != NULL) {
        memcpy(space, p, n);
    }
}

void cb_buf_add_str(struct cb_buf *b, struct cb_str s)
{
    cb_buf_add(b, s.p, s.n);
}

void cb_buf_add_cstr(struct cb_buf *b, const char *s)
{
    cb_buf_add(b, s, strlen(s));
}

void cb_buf_add_char(struct cb_buf *b, char c)
{
    cb_buf_add(b, &c, 1);
}

void cb_buf_add_fmt(struct cb_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char small[256];
    const int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof small) {
        b->failed = true; /* long text goes through cb_buf_add_str */
        return;
    }
    cb_buf_add(b, small, (size_t)n);
}

cb_status cb_buf_check(const struct cb_buf *b, struct cb_err *err)
{
    CB_ENSURE(!b->failed, CB_E_LIMIT, "output is longer than its bound of %zu bytes", b->max);
    return CB_OK;
}
