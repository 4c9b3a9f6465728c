#include "cert/cert.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <time.h>

#include "base/limits.h"
#include "cert/der.h"
#include "cert/san.h"

/* RFC 5280 section 4.1: TBSCertificate. The key stays encoded here: OpenSSL 3.0 takes 100 µs to decode one,
 * and most of what is asked of a certificate needs none. */
enum field {
    VERSION,
    SERIAL,
    ALGORITHM,
    ISSUER,
    VALIDITY,
    SUBJECT,
    PUBLIC_KEY,
    ISSUER_ID,
    SUBJECT_ID,
    EXTENSIONS,
    FIELD__MAX
};

static const struct {
    unsigned char identifier;
    bool optional;
} layout[FIELD__MAX] = {
    [VERSION] = { 0xa0, true },
    [SERIAL] = { CB_DER_INTEGER, false },
    [ALGORITHM] = { CB_DER_SEQUENCE, false },
    [ISSUER] = { CB_DER_SEQUENCE, false },
    [VALIDITY] = { CB_DER_SEQUENCE, false },
    [SUBJECT] = { CB_DER_SEQUENCE, false },
    [PUBLIC_KEY] = { CB_DER_SEQUENCE, false },
    [ISSUER_ID] = { 0x81, true },
    [SUBJECT_ID] = { 0x82, true },
    [EXTENSIONS] = { 0xa3, true },
};

struct element {
    struct cb_str whole, content;
};

static bool read_tbs(struct cb_str tbs, struct element out[FIELD__MAX])
{
    for (enum field f = VERSION; f < FIELD__MAX; f++) {
        const char *from = tbs.p;
        if (cb_der_take(&tbs, layout[f].identifier, &out[f].content)) {
            out[f].whole = (struct cb_str){ from, (size_t)(tbs.p - from) };
        } else if (!layout[f].optional) {
            return false;
        }
    }
    return tbs.n == 0;
}

static cb_status read_outline(struct cb_str der, struct element out[FIELD__MAX], struct cb_err *err)
{
    struct cb_str cert = { 0 }, tbs = { 0 }, algorithm = { 0 }, signature = { 0 };
    CB_ENSURE(cb_der_take(&der, CB_DER_SEQUENCE, &cert), CB_E_CERT_MALFORMED,
              "the certificate does not decode");
    CB_ENSURE(der.n == 0, CB_E_CERT_MALFORMED, "%zu bytes stand behind the certificate", der.n);
    CB_ENSURE(cb_der_take(&cert, CB_DER_SEQUENCE, &tbs) && read_tbs(tbs, out) &&
                  cb_der_take(&cert, CB_DER_SEQUENCE, &algorithm) &&
                  cb_der_take(&cert, CB_DER_BIT_STRING, &signature) && cert.n == 0,
              CB_E_CERT_MALFORMED, "the certificate does not decode");
    return CB_OK;
}

static void free_time(ASN1_TIME **t)
{
    ASN1_TIME_free(*t);
}

static cb_status read_time(struct cb_str *validity, int64_t *out, struct cb_err *err)
{
    struct tm tm = { 0 };
    const unsigned char *p = (const unsigned char *)validity->p;
    CB_AUTO(free_time) ASN1_TIME *t = d2i_ASN1_TIME(NULL, &p, (long)validity->n);
    ERR_clear_error();
    CB_ENSURE(t != NULL && ASN1_TIME_to_tm(t, &tm) == 1, CB_E_CERT_MALFORMED,
              "a date of the certificate does not decode");
    const size_t used = (size_t)((const char *)p - validity->p);
    *validity = (struct cb_str){ validity->p + used, validity->n - used };
    *out = (int64_t)timegm(&tm);
    return CB_OK;
}

/* An empty subject is allowed: the SANs then say who it is (RFC 5280 section 4.1.2.6). */
static cb_status read_name(struct cb_arena *a, const struct element *from, const struct cb_name **out,
                           struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (from->content.n == 0) {
        return CB_OK;
    }
    CB_ENSURE(!CB_FAILED(cb_name_from_der(a, from->whole, out, &why)), CB_E_CERT_MALFORMED, "name: %.180s",
              why.detail);
    return CB_OK;
}

static cb_status read_extension(struct cb_str *list, struct cb_extension *out, struct cb_err *err)
{
    struct cb_str extension = { 0 }, critical = { 0 };
    bool good =
        cb_der_take(list, CB_DER_SEQUENCE, &extension) && cb_der_take(&extension, CB_DER_OID, &out->oid);
    if (good && cb_der_take(&extension, CB_DER_BOOLEAN, &critical)) {
        out->critical = critical.n == 1 && critical.p[0] != 0;
    }
    good = good && cb_der_take(&extension, CB_DER_OCTET_STRING, &out->value) && extension.n == 0;
    CB_ENSURE(good, CB_E_CERT_MALFORMED, "an extension does not decode");
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
        CB_TRY(read_extension(&list, &e, err));
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
    struct element fields[FIELD__MAX] = { { { 0 }, { 0 } } };
    CB_TRY(read_outline(c->der, fields, err));
    struct cb_str validity = fields[VALIDITY].content;
    CB_TRY(read_time(&validity, &c->not_before, err));
    CB_TRY(read_time(&validity, &c->not_after, err));
    CB_ENSURE(validity.n == 0, CB_E_CERT_MALFORMED, "the validity holds more than two dates");
    CB_TRY(read_name(a, &fields[SUBJECT], &c->subject, err));
    CB_TRY(read_name(a, &fields[ISSUER], &c->issuer, err));
    CB_TRY(read_extensions(a, fields[EXTENSIONS].content, c, err));
    c->public_key = fields[PUBLIC_KEY].whole;
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
