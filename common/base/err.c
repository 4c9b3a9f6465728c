#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    enum cb_class class;
    const char *reason;
} codes[CB_E__MAX] = {
    [CB_E_NONE] = { CB_CLASS_NONE, "none" },
#define CB_CODE(name, class, reason) [CB_E_##name] = { CB_CLASS_##class, reason },
#include "base/codes.def"
#undef CB_CODE
};

void cb_err_set(struct cb_err *err, enum cb_code code, const char *file, int line, const char *fmt, ...)
{
    if (err == NULL || err->code != CB_E_NONE) {
        return;
    }
    err->code = code;
    err->file = file;
    err->line = line;

    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(err->detail, sizeof err->detail, fmt, ap);
    va_end(ap);
}

void cb_err_clear(struct cb_err *err)
{
    *err = (struct cb_err){ 0 };
}

enum cb_class cb_code_class(enum cb_code code)
{
    return code < CB_E__MAX ? codes[code].class : CB_CLASS_INTERNAL;
}

const char *cb_code_reason(enum cb_code code)
{
    return code < CB_E__MAX ? codes[code].reason : "internal_error";
}
