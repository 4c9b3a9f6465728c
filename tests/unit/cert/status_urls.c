#include "cert/status_urls.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/limits.h"
#include "testlib/crl.h"

#define URI_A  "\x86\x0ahttps://a/"
#define URI_B  "\x86\x0bhttps://b/x"

#define POINTS CB_STR("\x55\x1d\x1f")
#define ACCESS CB_STR("\x2b\x06\x01\x05\x05\x07\x01\x01")

/* A certificate that holds nothing but this extension. */
static enum cb_code read(struct cb_str oid, struct cb_str value, struct cb_status_urls *out)
{
    const struct cb_extension e = { .oid = oid, .value = value };
    const struct cb_cert c = { .extensions = &e, .extension_count = oid.p == NULL ? 0 : 1 };
    struct cb_err err = { 0 };
    (void)(cb_str_eq(oid, ACCESS) ? cb_cert_ocsp_responders(&c, out, &err)
                                  : cb_cert_crl_points(&c, out, &err))
        .v_;
    return err.code;
}

static const struct {
    const char *what;
    struct cb_str value;
    enum cb_code code;
    size_t count;
} points[] = {
    { "one", CB_STR("\x30\x12\x30\x10\xa0\x0e\xa0\x0c" URI_A), CB_E_NONE, 1 },
    { "two names of one", CB_STR("\x30\x1f\x30\x1d\xa0\x1b\xa0\x19" URI_A URI_B), CB_E_NONE, 2 },
    { "two points", CB_STR("\x30\x24\x30\x10\xa0\x0e\xa0\x0c" URI_A "\x30\x10\xa0\x0e\xa0\x0c" URI_A),
      CB_E_NONE, 2 },
    { "some reasons", CB_STR("\x30\x16\x30\x14\xa0\x0e\xa0\x0c" URI_A "\x81\x02\x01\x06"), CB_E_NONE, 1 },
    { "of another issuer", CB_STR("\x30\x18\x30\x16\xa0\x0e\xa0\x0c" URI_A "\xa2\x04\x82\x02xy"), CB_E_NONE,
      0 },
    { "relative", CB_STR("\x30\x08\x30\x06\xa0\x04\xa1\x02\x30\x00"), CB_E_NONE, 0 },
    { "ldap", CB_STR("\x30\x10\x30\x0e\xa0\x0c\xa0\x0a\x86\x08ldap://a"), CB_E_NONE, 0 },
    { "a blank", CB_STR("\x30\x12\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttps://a "), CB_E_NONE, 0 },
    { "a NUL", CB_STR("\x30\x12\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttps://a\0"), CB_E_NONE, 0 },
    { "empty list", CB_STR("\x30\x00"), CB_E_CERT_MALFORMED, 0 },
    { "empty point", CB_STR("\x30\x02\x30\x00"), CB_E_CERT_MALFORMED, 0 },
    { "reasons alone", CB_STR("\x30\x06\x30\x04\x81\x02\x01\x06"), CB_E_CERT_MALFORMED, 0 },
    { "no names", CB_STR("\x30\x06\x30\x04\xa0\x02\xa0\x00"), CB_E_CERT_MALFORMED, 0 },
    { "behind the point", CB_STR("\x30\x14\x30\x12\xa0\x0e\xa0\x0c" URI_A "\x05\x00"), CB_E_CERT_MALFORMED,
      0 },
    { "behind the list", CB_STR("\x30\x12\x30\x10\xa0\x0e\xa0\x0c" URI_A "\x05\x00"), CB_E_CERT_MALFORMED,
      0 },
    { "cut short", CB_STR("\x30\x12\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttps://"), CB_E_CERT_MALFORMED, 0 },
};

Test(status_urls, reads_distribution_points)
{
    for (size_t i = 0; i < CB_COUNT(points); i++) {
        struct cb_status_urls found = { .count = 0 };
        cr_expect_eq(read(POINTS, points[i].value, &found), points[i].code, "%s", points[i].what);
        cr_expect_eq(found.count, points[i].count, "%s: %zu", points[i].what, found.count);
        if (found.count > 0) {
            cr_expect(cb_str_is(found.urls[0], "https://a/"), "%s", points[i].what);
        }
    }
}

#define OCSP       "\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01"
#define CA_ISSUERS "\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02"

static const struct {
    const char *what;
    struct cb_str value;
    enum cb_code code;
    size_t count;
} access_rows[] = {
    { "one", CB_STR("\x30\x18\x30\x16" OCSP URI_A), CB_E_NONE, 1 },
    { "with the issuer", CB_STR("\x30\x31\x30\x17" CA_ISSUERS URI_B "\x30\x16" OCSP URI_A), CB_E_NONE, 1 },
    { "the issuer alone", CB_STR("\x30\x18\x30\x16" CA_ISSUERS URI_A), CB_E_NONE, 0 },
    { "by name", CB_STR("\x30\x10\x30\x0e" OCSP "\x82\x02xy"), CB_E_NONE, 0 },
    { "empty", CB_STR("\x30\x00"), CB_E_CERT_MALFORMED, 0 },
    { "no location", CB_STR("\x30\x0c\x30\x0a" OCSP), CB_E_CERT_MALFORMED, 0 },
    { "two locations", CB_STR("\x30\x1c\x30\x1a" OCSP URI_A "\x82\x02xy"), CB_E_CERT_MALFORMED, 0 },
    { "behind it", CB_STR("\x30\x18\x30\x16" OCSP URI_A "\x05\x00"), CB_E_CERT_MALFORMED, 0 },
};

Test(status_urls, reads_responders)
{
    for (size_t i = 0; i < CB_COUNT(access_rows); i++) {
        struct cb_status_urls found = { .count = 0 };
        cr_expect_eq(read(ACCESS, access_rows[i].value, &found), access_rows[i].code, "%s",
                     access_rows[i].what);
        cr_expect_eq(found.count, access_rows[i].count, "%s: %zu", access_rows[i].what, found.count);
        if (found.count > 0) {
            cr_expect(cb_str_is(found.urls[0], "https://a/"), "%s", access_rows[i].what);
        }
    }
}

Test(status_urls, without_the_extension_names_none)
{
    struct cb_status_urls found = { .count = 9 };
    cr_expect_eq(read((struct cb_str){ 0 }, (struct cb_str){ 0 }, &found), CB_E_NONE);
    cr_expect_eq(found.count, 0);
}

/* One distribution point with a URL of n bytes, `times` over. */
static enum cb_code read_url_of(size_t n, size_t times, struct cb_status_urls *out)
{
    struct cb_buf url, parts[2], list;
    static const unsigned char wraps[] = { 0x86, 0xa0, 0xa0, 0x30 };
    cb_buf_init(&url, 4096);
    cb_buf_init(&list, 65536);
    cb_buf_init(&parts[0], 4096);
    cb_buf_init(&parts[1], 4096);
    cb_buf_add_cstr(&url, "https://");
    while (url.n < n) {
        cb_buf_add_char(&url, 'a');
    }
    struct cb_str content = cb_buf_str(&url);
    for (size_t i = 0; i < CB_COUNT(wraps); i++) {
        cb_buf_reset(&parts[i % 2]);
        crl_der(&parts[i % 2], wraps[i], content);
        content = cb_buf_str(&parts[i % 2]);
    }
    cb_buf_done(&url);
    cb_buf_init(&url, 65536);
    for (size_t i = 0; i < times; i++) {
        cb_buf_add_str(&url, content);
    }
    crl_der(&list, 0x30, cb_buf_str(&url));
    const enum cb_code code = read(POINTS, cb_buf_str(&list), out);
    cb_buf_done(&url);
    cb_buf_done(&list);
    cb_buf_done(&parts[0]);
    cb_buf_done(&parts[1]);
    return code;
}

Test(status_urls, leaves_out_what_is_too_long_or_too_much)
{
    struct cb_status_urls found = { .count = 0 };
    cr_expect_eq(read_url_of(CB_LIMIT_STATUS_URL, 1, &found), CB_E_NONE);
    cr_expect_eq(found.count, 1);
    cr_expect_eq(read_url_of(CB_LIMIT_STATUS_URL + 1, 1, &found), CB_E_NONE);
    cr_expect_eq(found.count, 0);
    cr_expect_eq(read_url_of(20, CB_STATUS_URLS, &found), CB_E_NONE);
    cr_expect_eq(found.count, CB_STATUS_URLS);
    cr_expect_eq(read_url_of(20, CB_STATUS_URLS + 1, &found), CB_E_NONE);
    cr_expect_eq(found.count, CB_STATUS_URLS);
}
