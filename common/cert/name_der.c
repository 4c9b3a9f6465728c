#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "base/limits.h"
#include "cert/name_parts.h"

static void free_utf8(unsigned char **p)
{
    OPENSSL_free(*p);
}

static void free_string(ASN1_STRING **s)
{
    ASN1_STRING_free(*s);
}

static void free_name(X509_NAME **n)
{
    X509_NAME_free(*n);
}

static bool is_text(int type)
{
    switch (type) {
        case V_ASN1_UTF8STRING:
        case V_ASN1_PRINTABLESTRING:
        case V_ASN1_IA5STRING:
        case V_ASN1_VISIBLESTRING:
        case V_ASN1_NUMERICSTRING:
        case V_ASN1_T61STRING:
        case V_ASN1_BMPSTRING:
        case V_ASN1_UNIVERSALSTRING:
            return true;
        default:
            return false;
    }
}

static bool is_ascii_type(int type)
{
    return type == V_ASN1_PRINTABLESTRING || type == V_ASN1_IA5STRING || type == V_ASN1_VISIBLESTRING ||
           type == V_ASN1_NUMERICSTRING;
}

static bool is_ascii(const ASN1_STRING *s)
{
    const unsigned char *p = ASN1_STRING_get0_data(s);
    for (int i = 0; i < ASN1_STRING_length(s); i++) {
        if (p[i] > 0x7f) {
            return false;
        }
    }
    return true;
}

/* A value that is no string has no text; its encoding stands for it, as RFC 4514 section 2.4 writes it. */
static cb_status add_opaque(struct cb_name_builder *b, struct cb_str oid, const ASN1_STRING *value,
                            bool starts_rdn, struct cb_err *err)
{
    static const char hex[] = "0123456789abcdef";
    CB_AUTO(free_utf8) unsigned char *der = NULL;
    ASN1_TYPE any = { .type = ASN1_STRING_type(value) };
    CB_AUTO(free_string) ASN1_STRING *copy = ASN1_STRING_dup(value);
    any.value.asn1_string = copy;
    const int n = copy == NULL ? -1 : i2d_ASN1_TYPE(&any, &der);
    CB_ENSURE(n > 0, CB_E_DN, "value %zu does not decode", b->count + 1);

    char *text = cb_arena_alloc(b->arena, 2 * (size_t)n + 1);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "name");
    text[0] = '#';
    for (int i = 0; i < n; i++) {
        text[2 * i + 1] = hex[der[i] >> 4];
        text[2 * i + 2] = hex[der[i] & 15];
    }
    return cb_name_add(b, oid, (struct cb_str){ text, 2 * (size_t)n + 1 }, true, starts_rdn, err);
}

cb_status cb_name_add_asn1(struct cb_name_builder *b, struct cb_str oid, const ASN1_STRING *value,
                           bool starts_rdn, struct cb_err *err)
{
    const int type = ASN1_STRING_type(value);
    if (!is_text(type)) {
        return add_opaque(b, oid, value, starts_rdn, err);
    }
    CB_ENSURE(!is_ascii_type(type) || is_ascii(value), CB_E_DN,
              "value %zu has bytes that its string type forbids", b->count + 1);
    CB_AUTO(free_utf8) unsigned char *utf8 = NULL;
    const int n = ASN1_STRING_to_UTF8(&utf8, value);
    CB_ENSURE(n >= 0, CB_E_DN, "value %zu does not decode as its string type", b->count + 1);
    return cb_name_add(b, oid, (struct cb_str){ (const char *)utf8, (size_t)n }, false, starts_rdn, err);
}

cb_status cb_name_from_x509(struct cb_arena *a, const X509_NAME *from, const struct cb_name **out,
                            struct cb_err *err)
{
    struct cb_name_builder b = { .arena = a };
    int last_set = -1;
    for (int i = 0; i < X509_NAME_entry_count(from); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(from, i);
        char oid[OID_TEXT];
        const int n = OBJ_obj2txt(oid, sizeof oid, X509_NAME_ENTRY_get_object(entry), 1);
        CB_ENSURE(n > 0 && n < OID_TEXT, CB_E_DN, "attribute type %d does not decode", i + 1);
        const int set = X509_NAME_ENTRY_set(entry);
        CB_TRY(cb_name_add_asn1(&b, (struct cb_str){ oid, (size_t)n }, X509_NAME_ENTRY_get_data(entry),
                                set != last_set, err));
        last_set = set;
    }
    return cb_name_seal(&b, false, out, err);
}

cb_status cb_name_from_der(struct cb_arena *a, struct cb_str der, const struct cb_name **out,
                           struct cb_err *err)
{
    CB_ENSURE(der.n <= CB_LIMIT_CERTIFICATE, CB_E_DN, "the name is larger than %zu bytes",
              CB_LIMIT_CERTIFICATE);
    const unsigned char *p = (const unsigned char *)der.p;
    CB_AUTO(free_name) X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)der.n);
    CB_ENSURE(name != NULL && p == (const unsigned char *)der.p + der.n, CB_E_DN, "the name does not decode");
    return cb_name_from_x509(a, name, out, err);
}
