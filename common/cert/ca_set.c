#include "cert/ca_set.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cert/cert.h"

/* One text, while it is read. */
struct reading {
    const char *name; /* what messages call it */
    const struct cb_str *ders;
    size_t count;
};

static cb_status decode(struct cb_arena *a, const struct cb_pem_text *text, struct reading *out,
                        struct cb_err *err)
{
    struct cb_err why = { 0 };
    struct cb_str *ders = NULL;
    out->name = text->name == NULL ? "PEM" : text->name;
    CB_ENSURE(!CB_FAILED(cb_cert_pem_bundle(a, text->text, &ders, &out->count, &why)), CB_E_CONFIG,
              "%.100s: %.100s", out->name, why.detail);
    CB_ENSURE(out->count > 0, CB_E_CONFIG, "%.100s holds no certificate in PEM", out->name);
    out->ders = ders;
    return CB_OK;
}

static void ca_done(struct cb_ca *ca)
{
    X509_free(ca->x509);
    cb_authority_unref(ca->authority);
    *ca = (struct cb_ca){ 0 };
}

static cb_status read_ca(const struct reading *r, size_t i, struct cb_ca *out, struct cb_err *err)
{
    struct cb_ca ca CB_AUTO(ca_done) = { 0 };
    const struct cb_str der = r->ders[i];
    const unsigned char *p = (const unsigned char *)der.p;
    ca.x509 = d2i_X509(NULL, &p, (long)der.n);
    ERR_clear_error();
    const bool decodes = ca.x509 != NULL && p == (const unsigned char *)der.p + der.n;
    struct cb_err why = { 0 };
    CB_ENSURE(decodes && !CB_FAILED(cb_authority_new(der, &ca.authority, &why)),
              why.code == CB_E_MEMORY ? CB_E_MEMORY : CB_E_CONFIG, "%.100s: certificate %zu does not decode",
              r->name, i + 1);
    CB_ENSURE(X509_check_ca(ca.x509) > 0, CB_E_CONFIG, "%.100s: certificate %zu is not a CA certificate",
              r->name, i + 1);
    *out = ca;
    ca = (struct cb_ca){ 0 };
    return CB_OK;
}

static const X509_NAME *name_of(const struct cb_ca *ca)
{
    return X509_get_subject_name(ca->x509);
}

static int by_name(const void *x, const void *y)
{
    const struct cb_ca *a = x, *b = y;
    const int c = X509_NAME_cmp(name_of(a), name_of(b));
    return c != 0 ? c : X509_cmp(a->x509, b->x509);
}

/* A certificate may stand in a bundle and beside it. */
static void keep_each_once(struct cb_ca_set *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (kept > 0 && X509_cmp(s->all[kept - 1].x509, s->all[i].x509) == 0) {
            ca_done(&s->all[i]);
        } else {
            s->all[kept++] = s->all[i];
        }
    }
    s->count = kept;
}

/* Counts what it holds at every moment, so that cb_ca_set_done frees that much. */
static cb_status read_all(const struct reading *readings, size_t count, struct cb_ca_set *s,
                          struct cb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < readings[i].count; k++) {
            CB_TRY(read_ca(&readings[i], k, &s->all[s->count], err));
            s->count++;
        }
    }
    return CB_OK;
}

cb_status cb_ca_set_load(const struct cb_pem_text *texts, size_t count, struct cb_ca_set *out,
                         struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_ca_set s CB_AUTO(cb_ca_set_done) = { 0 };
    cb_arena_init(&a, 4 * CB_LIMIT_PEM_FILE);
    struct reading *readings = cb_arena_array(&a, count, sizeof *readings);
    CB_ENSURE(readings != NULL, CB_E_MEMORY, "CA certificates");
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        CB_TRY(decode(&a, &texts[i], &readings[i], err));
        total += readings[i].count;
    }
    CB_ENSURE(total > 0, CB_E_CONFIG, "there is no CA certificate");
    s.all = calloc(total, sizeof *s.all);
    CB_ENSURE(s.all != NULL, CB_E_MEMORY, "CA certificates");
    CB_TRY(read_all(readings, count, &s, err));
    qsort(s.all, s.count, sizeof *s.all, by_name);
    keep_each_once(&s);
    *out = s;
    s = (struct cb_ca_set){ 0 };
    return CB_OK;
}

void cb_ca_set_done(struct cb_ca_set *s)
{
    for (size_t i = 0; i < s->count; i++) {
        ca_done(&s->all[i]);
    }
    free(s->all);
    *s = (struct cb_ca_set){ 0 };
}

size_t cb_ca_set_named(const struct cb_ca_set *s, const X509_NAME *name, const struct cb_ca **out_first)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (X509_NAME_cmp(name_of(&s->all[middle]), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t n = 0;
    while (low + n < s->count && X509_NAME_cmp(name_of(&s->all[low + n]), name) == 0) {
        n++;
    }
    *out_first = n > 0 ? &s->all[low] : NULL;
    return n;
}

struct cb_authority *cb_ca_set_authority(const struct cb_ca_set *s, const X509 *x)
{
    const struct cb_ca *first = NULL;
    const size_t n = cb_ca_set_named(s, X509_get_subject_name(x), &first);
    for (size_t i = 0; i < n; i++) {
        if (first[i].x509 == x) {
            return first[i].authority;
        }
    }
    return NULL;
}

const struct cb_authority *cb_ca_set_of_key(const struct cb_ca_set *s, const struct cb_key_hash *key)
{
    for (size_t i = 0; i < s->count; i++) {
        if (cb_key_hash_eq(&s->all[i].authority->key, key)) {
            return s->all[i].authority;
        }
    }
    return NULL;
}
