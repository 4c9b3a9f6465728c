#include "testlib/der.h"

#include <openssl/objects.h>
#include <stdlib.h>

static char *need(char *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

struct cb_str der_wrap(struct cb_arena *a, unsigned char identifier, const struct cb_str *parts, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n += parts[i].n;
    }
    char *p = need(cb_arena_alloc(a, n + 4));
    size_t at = 0;
    p[at++] = (char)identifier;
    if (n >= 0x100) {
        p[at++] = (char)0x82;
        p[at++] = (char)(n >> 8);
    } else if (n >= 0x80) {
        p[at++] = (char)0x81;
    }
    p[at++] = (char)n;
    for (size_t i = 0; i < count; i++) {
        memcpy(p + at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return (struct cb_str){ p, at };
}

struct cb_str der_oid(struct cb_arena *a, const char *dotted)
{
    ASN1_OBJECT *o = OBJ_txt2obj(dotted, 1);
    unsigned char *p = NULL;
    const int n = o == NULL ? -1 : i2d_ASN1_OBJECT(o, &p);
    if (n < 0) {
        abort();
    }
    const struct cb_str der = cb_arena_str(a, (struct cb_str){ (const char *)p, (size_t)n });
    OPENSSL_free(p);
    ASN1_OBJECT_free(o);
    return der;
}

struct cb_str der_utf8(struct cb_arena *a, struct cb_str text)
{
    return der_wrap(a, 0x0c, &text, 1);
}

static struct cb_str types_of(struct cb_arena *a, const struct der_qc *qc)
{
    struct cb_str oids[4];
    size_t n = 0;
    for (; n < 4 && qc->types[n] != NULL; n++) {
        oids[n] = der_oid(a, qc->types[n]);
    }
    return n == 0 ? (struct cb_str){ "", 0 }
                  : DER_SEQUENCE(a, der_oid(a, "0.4.0.1862.1.6"), der_wrap(a, 0x30, oids, n));
}

static struct cb_str psd2_of(struct cb_arena *a, const struct der_qc *qc)
{
    struct cb_str roles[8];
    size_t n = 0;
    if (qc->roles == NULL) {
        return (struct cb_str){ "", 0 };
    }
    for (; n < 8 && qc->roles[n].oid != NULL; n++) {
        roles[n] = DER_SEQUENCE(a, der_oid(a, qc->roles[n].oid), der_utf8(a, cb_str_of(qc->roles[n].name)));
    }
    return DER_SEQUENCE(a, der_oid(a, DER_PSD2),
                        DER_SEQUENCE(a, der_wrap(a, 0x30, roles, n), der_utf8(a, CB_STR("Authority")),
                                     der_utf8(a, cb_str_of(qc->authority_id))));
}

struct cb_str der_qc_statements(struct cb_arena *a, const struct der_qc *qc)
{
    return DER_SEQUENCE(a, DER_SEQUENCE(a, der_oid(a, "0.4.0.1862.1.1")), types_of(a, qc), psd2_of(a, qc));
}
