/* Why something failed: a code that programs switch on, and a detail that only the log sees. */
#ifndef CB_ERR_H
#define CB_ERR_H

#include "base/result.h"

enum cb_class {
    CB_CLASS_NONE,        /* no error was set */
    CB_CLASS_PROTOCOL,    /* the peer's fault */
    CB_CLASS_OPERATOR,    /* the operator's fault: configuration, files, command line */
    CB_CLASS_RETRY,       /* the same call may succeed at once */
    CB_CLASS_UNAVAILABLE, /* something we need is away; it may come back */
    CB_CLASS_INTERNAL,    /* our fault */
};

enum cb_code {
    CB_E_NONE,
#define CB_CODE(name, class, reason) CB_E_##name,
#include "base/codes.def"
#undef CB_CODE
    CB_E__MAX
};

/* Lives with the caller; no allocation, no thread-local. */
struct cb_err {
    enum cb_code code;
    int line;
    const char *file;
    char detail[224]; /* one line for the log, never for the peer; never a secret */
};

/* Fills err (NULL is allowed). The first reason stays: a lower error is not overwritten. */
void cb_err_set(struct cb_err *err, enum cb_code code, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Forgets an error that was dealt with. */
void cb_err_clear(struct cb_err *err);

enum cb_class cb_code_class(enum cb_code code);
const char *cb_code_reason(enum cb_code code); /* "certificate_expired"; "none" for CB_E_NONE */

#endif
