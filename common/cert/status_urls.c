#include "cert/status_urls.h"

#include "base/limits.h"
#include "cert/der.h"

enum {
    POINT_NAME = 0xa0, /* of a DistributionPoint */
    REASONS = 0x81,    /* likewise */
    CRL_ISSUER = 0xa2, /* likewise */
    FULL_NAME = 0xa0,  /* of a DistributionPointName: GeneralNames */
    RELATIVE_NAME = 0xa1,
    URI = 0x86, /* of a GeneralName */
};

/* Visible ASCII of a scheme that we fetch; it goes into a log line and to the HTTP client. */
static bool is_fetchable(struct cb_str url)
{
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= ' ' || url.p[i] > '~') {
            return false;
        }
    }
    return url.n <= CB_LIMIT_STATUS_URL &&
           (cb_str_starts(url, CB_STR("http://")) || cb_str_starts(url, CB_STR("https://")));
}

static void add(struct cb_status_urls *out, struct cb_str url)
{
    if (is_fetchable(url) && out->count < CB_STATUS_URLS) {
        out->urls[out->count++] = url;
    }
}

bool cb_point_name_read(struct cb_str name, struct cb_status_urls *out)
{
    struct cb_str names = { 0 }, value = { 0 };
    if (cb_der_take(&name, RELATIVE_NAME, &names)) {
        return name.n == 0 && names.n > 0;
    }
    if (!cb_der_take(&name, FULL_NAME, &names) || name.n > 0 || names.n == 0) {
        return false;
    }
    while (names.n > 0) {
        const bool is_uri = names.p[0] == (char)URI;
        if (!cb_der_take_any(&names, &value)) {
            return false;
        }
        if (is_uri) {
            add(out, value);
        }
    }
    return true;
}

static bool read_point(struct cb_str point, struct cb_status_urls *out)
{
    struct cb_str name = { 0 }, reasons = { 0 }, issuer = { 0 };
    struct cb_status_urls named = { .count = 0 };
    const bool has_name = cb_der_take(&point, POINT_NAME, &name);
    (void)cb_der_take(&point, REASONS, &reasons);
    const bool of_another = cb_der_take(&point, CRL_ISSUER, &issuer);
    if (point.n > 0 || (!has_name && !of_another) || (has_name && !cb_point_name_read(name, &named))) {
        return false;
    }
    for (size_t i = 0; !of_another && i < named.count; i++) {
        add(out, named.urls[i]);
    }
    return true;
}

static bool read_points(struct cb_str value, struct cb_status_urls *out)
{
    struct cb_str list = { 0 }, point = { 0 };
    bool good = cb_der_take(&value, CB_DER_SEQUENCE, &list) && value.n == 0 && list.n > 0;
    while (good && list.n > 0) {
        good = cb_der_take(&list, CB_DER_SEQUENCE, &point) && read_point(point, out);
    }
    return good;
}

cb_status cb_cert_crl_points(const struct cb_cert *c, struct cb_status_urls *out, struct cb_err *err)
{
    const struct cb_extension *e = cb_cert_extension(c, CB_STR("\x55\x1d\x1f"));
    struct cb_status_urls found = { .count = 0 };
    CB_ENSURE(e == NULL || read_points(e->value, &found), CB_E_CERT_MALFORMED,
              "cRLDistributionPoints does not decode");
    *out = found;
    return CB_OK;
}

static bool read_access(struct cb_str value, struct cb_status_urls *out)
{
    struct cb_str list = { 0 }, description = { 0 }, method = { 0 }, location = { 0 };
    bool good = cb_der_take(&value, CB_DER_SEQUENCE, &list) && value.n == 0 && list.n > 0;
    while (good && list.n > 0) {
        good = cb_der_take(&list, CB_DER_SEQUENCE, &description) &&
               cb_der_take(&description, CB_DER_OID, &method);
        const bool is_uri = good && description.n > 0 && description.p[0] == (char)URI;
        good = good && cb_der_take_any(&description, &location) && description.n == 0;
        if (good && is_uri && cb_str_eq(method, CB_STR("\x2b\x06\x01\x05\x05\x07\x30\x01"))) {
            add(out, location);
        }
    }
    return good;
}

cb_status cb_cert_ocsp_responders(const struct cb_cert *c, struct cb_status_urls *out, struct cb_err *err)
{
    const struct cb_extension *e = cb_cert_extension(c, CB_STR("\x2b\x06\x01\x05\x05\x07\x01\x01"));
    struct cb_status_urls found = { .count = 0 };
    CB_ENSURE(e == NULL || read_access(e->value, &found), CB_E_CERT_MALFORMED,
              "authorityInfoAccess does not decode");
    *out = found;
    return CB_OK;
}
