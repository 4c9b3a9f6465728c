/* Output that grows up to a bound fixed at the start. The first failure sticks: write all, check once. */
#ifndef CB_BUF_H
#define CB_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct cb_buf {
    char *p;
    size_t n;      /* bytes written */
    size_t cap;    /* bytes held */
    size_t max;    /* bytes it may ever hold */
    bool failed;   /* memory or max was used up; what is in it is not to be used */
    bool borrowed; /* p is the caller's memory */
};

void cb_buf_init(struct cb_buf *b, size_t max);                /* heap, at most max bytes */
void cb_buf_over(struct cb_buf *b, void *memory, size_t size); /* the caller's memory, never grows */
void cb_buf_reset(struct cb_buf *b);                           /* empty again, memory kept */
void cb_buf_done(struct cb_buf *b);                            /* wipes; frees what it allocated */

void cb_buf_add(struct cb_buf *b, const void *p, size_t n);
void cb_buf_add_str(struct cb_buf *b, struct cb_str s);
void cb_buf_add_cstr(struct cb_buf *b, const char *s);
void cb_buf_add_char(struct cb_buf *b, char c);
void cb_buf_add_fmt(struct cb_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* n bytes to fill by hand, counted as written; NULL when there is no room. */
void *cb_buf_space(struct cb_buf *b, size_t n);

static inline struct cb_str cb_buf_str(const struct cb_buf *b)
{
    return (struct cb_str){ b->p, b->n };
}

/* CB_E_LIMIT when anything did not fit. */
CB_MUST cb_buf_check(const struct cb_buf *b, struct cb_err *err);

#endif
