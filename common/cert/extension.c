#include "cert/extension.h"

#include "cert/der.h"

bool cb_extension_take(struct cb_str *list, struct cb_extension *out)
{
    struct cb_str after = *list, content = { 0 }, critical = { 0 };
    struct cb_extension e = { .critical = false };
    if (!cb_der_take(&after, CB_DER_SEQUENCE, &content) || !cb_der_take(&content, CB_DER_OID, &e.oid)) {
        return false;
    }
    if (cb_der_take(&content, CB_DER_BOOLEAN, &critical)) {
        e.critical = critical.n == 1 && critical.p[0] != 0;
    }
    if (!cb_der_take(&content, CB_DER_OCTET_STRING, &e.value) || content.n > 0) {
        return false;
    }
    *list = after;
    *out = e;
    return true;
}
