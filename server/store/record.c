#include "store/record.h"

#include "base/utf8.h"

static bool is_text(struct cb_str s)
{
    return s.n == 0 || (memchr(s.p, '\0', s.n) == NULL && cb_utf8_valid(s));
}

cb_status cb_fields_check(const struct cb_field *fields, size_t count, const void *record, enum cb_code code,
                          struct cb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct cb_field *f = &fields[i];
        const struct cb_str *s = (const void *)((const char *)record + f->offset);
        CB_ENSURE(s->n >= f->min, code, "%s: %zu bytes, at least %zu", f->name, s->n, f->min);
        CB_ENSURE(s->n <= f->max, code, "%s: %zu bytes, at most %zu", f->name, s->n, f->max);
        CB_ENSURE(f->kind != CB_FIELD_TEXT || is_text(*s), code, "%s: not UTF-8, or with a NUL", f->name);
    }
    return CB_OK;
}

cb_status cb_digest_check(const char *name, struct cb_str digest, enum cb_code code, struct cb_err *err)
{
    CB_ENSURE(digest.n == 0 || digest.n == CB_STORE_DIGEST, code, "%s: %zu bytes", name, digest.n);
    return CB_OK;
}

bool cb_name_storable(struct cb_str name, size_t max)
{
    return name.n > 0 && name.n <= max && is_text(name);
}
