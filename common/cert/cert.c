#include "cert/cert.h"

#include "base/clock.h"
#include "base/limits.h"
#include "cert/der.h"
#include "cert/outline.h"
#include "cert/san.h"

/* An empty subject is allowed: the SANs then say who it is (RFC 5280 section 4.1.2.6). */
static cb_status read_name(struct cb_arena *a, struct cb_str der, const struct cb_name **out,
                           struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (cb_str_eq(der, CB_STR("\x30\x00"))) {
        return CB_OK;
    }
    CB_ENSURE(!CB_FAILED(cb_name_from_der(a, der, out, &why)), CB_E_CERT_MALFORMED, "name: %.180s",
              why.detail);
    return CB_OK;
}

static size_t count_elements(struct cb_str list)
{
    struct cb_str element = { 0 };
    size_t count = 0;
    while (cb_der_take_any(&list, &element)) {
        count++;
    }
    return count;
}

static cb_status read_extensions(struct cb_arena *a, struct cb_str field, struct cb_cert *c,
                                 struct cb_err *err)
{
    struct cb_str list = { 0 };
    if (field.p == NULL) {
        return CB_OK;
    }
    CB_ENSURE(cb_der_take(&field, CB_DER_SEQUENCE, &list) && field.n == 0, CB_E_CERT_MALFORMED,
              "the extensions do not decode");
    const size_t count = count_elements(list);
    CB_ENSURE(count <= CB_LIMIT_EXTENSIONS, CB_E_CERT_MALFORMED, "%zu extensions, at most %d", count,
              CB_LIMIT_EXTENSIONS);
    struct cb_extension *all = cb_arena_array(a, count, sizeof *all);
    CB_ENSURE(all != NULL, CB_E_MEMORY, "certificate");
    c->extensions = all;
    while (list.n > 0) {
        struct cb_extension e = { .critical = false };
        CB_ENSURE(cb_extension_take(&list, &e), CB_E_CERT_MALFORMED, "an extension does not decode");
        CB_ENSURE(cb_cert_extension(c, e.oid) == NULL, CB_E_CERT_MALFORMED, "an extension is there twice");
        all[c->extension_count++] = e;
    }
    return CB_OK;
}

const struct cb_extension *cb_cert_extension(const struct cb_cert *c, struct cb_str oid)
{
    for (size_t i = 0; i < c->extension_count; i++) {
        if (cb_str_eq(c->extensions[i].oid, oid)) {
            return &c->extensions[i];
        }
    }
    return NULL;
}

static cb_status read_fields(struct cb_arena *a, struct cb_cert *c, struct cb_err *err)
{
    struct cb_outline o = { .not_after = 0 };
    CB_TRY(cb_outline_read(c->der, &o, err));
    c->serial = o.serial;
    c->public_key = o.public_key;
    c->not_before = o.not_before;
    c->not_after = o.not_after;
    CB_TRY(read_name(a, o.subject, &c->subject, err));
    CB_TRY(read_name(a, o.issuer, &c->issuer, err));
    CB_TRY(read_extensions(a, o.extensions, c, err));
    const struct cb_extension *san = cb_cert_extension(c, CB_STR("\x55\x1d\x11"));
    return san == NULL ? CB_OK : cb_san_read(a, san->value, c->sans, err);
}

cb_status cb_cert_parse(struct cb_arena *a, struct cb_str der, struct cb_cert *out, struct cb_err *err)
{
    CB_ENSURE(der.n > 0 && der.n <= CB_LIMIT_CERTIFICATE, CB_E_CERT_MALFORMED,
              "certificate of %zu bytes, at most %zu", der.n, CB_LIMIT_CERTIFICATE);
    struct cb_cert c = { .der = cb_arena_str(a, der) };
    CB_ENSURE(c.der.p != NULL, CB_E_MEMORY, "certificate");
    CB_TRY(cb_x5t_of(c.der, &c.x5t, err));
    CB_TRY(read_fields(a, &c, err));
    *out = c;
    return CB_OK;
}

cb_status cb_cert_check_time(const struct cb_cert *c, int64_t now, struct cb_err *err)
{
    char when[CB_TIME_TEXT];
    cb_time_text(now < c->not_before ? c->not_before : c->not_after, when);
    CB_ENSURE(now >= c->not_before, CB_E_CERT_NOT_YET_VALID, "certificate is valid from %s", when);
    CB_ENSURE(now <= c->not_after, CB_E_CERT_EXPIRED, "certificate expired at %s", when);
    return CB_OK;
}
