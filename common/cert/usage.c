#include "cert/usage.h"

#include "cert/der.h"

cb_status cb_cert_key_usage(const struct cb_cert *c, struct cb_usage *out, struct cb_err *err)
{
    const struct cb_extension *e = cb_cert_extension(c, CB_STR("\x55\x1d\x0f"));
    struct cb_str rest = { 0 }, bits = { 0 };
    if (e == NULL) {
        *out = (struct cb_usage){ .stated = false };
        return CB_OK;
    }
    rest = e->value;
    /* The first octet of a BIT STRING counts the bits of the last one that are not used. */
    CB_ENSURE(cb_der_take(&rest, CB_DER_BIT_STRING, &bits) && rest.n == 0 && bits.n >= 2 &&
                  (unsigned char)bits.p[0] < 8,
              CB_E_CERT_MALFORMED, "keyUsage does not decode");
    *out = (struct cb_usage){ .stated = true, .critical = e->critical, .bits = (unsigned char)bits.p[1] };
    return CB_OK;
}

cb_status cb_cert_has_purpose(const struct cb_cert *c, struct cb_str oid, bool *out, struct cb_err *err)
{
    const struct cb_extension *e = cb_cert_extension(c, CB_STR("\x55\x1d\x25"));
    struct cb_str rest = { 0 }, list = { 0 }, purpose = { 0 };
    bool found = false;
    if (e != NULL) {
        rest = e->value;
        CB_ENSURE(cb_der_take(&rest, CB_DER_SEQUENCE, &list) && rest.n == 0, CB_E_CERT_MALFORMED,
                  "extendedKeyUsage does not decode");
    }
    while (list.n > 0) {
        CB_ENSURE(cb_der_take(&list, CB_DER_OID, &purpose), CB_E_CERT_MALFORMED,
                  "extendedKeyUsage does not decode");
        found = found || cb_str_eq(purpose, oid);
    }
    *out = found;
    return CB_OK;
}
