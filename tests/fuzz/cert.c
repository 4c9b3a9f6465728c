/* Target functions: cb_cert_parse and all that reads of a certificate: its names, what its key is for, its
 * qcStatements, where its status can be learnt. */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cert/cert.h"
#include "cert/qc.h"
#include "cert/status_urls.h"
#include "cert/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a certificate says of its subject must read back as the same name. */
static void check_name(struct cb_arena *a, const struct cb_name *name)
{
    struct cb_buf text;
    const struct cb_name *back = NULL;
    cb_buf_init(&text, 1 << 20);
    cb_name_print(name, &text);
    if (!CB_FAILED(cb_name_from_text(a, cb_buf_str(&text), &back, NULL)) && !cb_name_eq(name, back)) {
        abort();
    }
    cb_buf_done(&text);
}

/* OpenSSL, which judges the chain, must see the subject that we match. */
static void check_against_openssl(struct cb_arena *a, const struct cb_cert *c)
{
    const unsigned char *p = (const unsigned char *)c->der.p, *der = NULL;
    size_t n = 0;
    const struct cb_name *subject = NULL;
    X509 *x = d2i_X509(NULL, &p, (long)c->der.n);
    ERR_clear_error();
    if (x != NULL &&
        (X509_NAME_get0_der(X509_get_subject_name(x), &der, &n) != 1 ||
         CB_FAILED(cb_name_from_der(a, (struct cb_str){ (const char *)der, n }, &subject, NULL)) ||
         !cb_name_eq(subject, c->subject))) {
        abort();
    }
    X509_free(x);
}

static void check_urls(const struct cb_cert *c, const struct cb_status_urls *u)
{
    for (size_t i = 0; i < u->count; i++) {
        if (u->urls[i].n > CB_LIMIT_STATUS_URL || !cb_str_starts(u->urls[i], CB_STR("http")) ||
            u->urls[i].p < c->der.p || u->urls[i].p + u->urls[i].n > c->der.p + c->der.n) {
            abort();
        }
    }
}

static void read_extensions(const struct cb_cert *c)
{
    struct cb_status_urls points = { .count = 0 }, responders = { .count = 0 };
    struct cb_usage usage = { .stated = false };
    struct cb_qc qc = { .roles = 0 };
    bool found = false;
    (void)CB_FAILED(cb_cert_key_usage(c, &usage, NULL));
    (void)CB_FAILED(cb_cert_has_purpose(c, CB_PURPOSE_CLIENT_AUTH, &found, NULL));
    (void)CB_FAILED(cb_cert_qc(c, &found, &qc, NULL));
    (void)CB_FAILED(cb_cert_crl_points(c, &points, NULL));
    (void)CB_FAILED(cb_cert_ocsp_responders(c, &responders, NULL));
    check_urls(c, &points);
    check_urls(c, &responders);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    struct cb_cert c = { 0 };
    cb_arena_init(&a, 1 << 20);
    if (!CB_FAILED(cb_cert_parse(&a, (struct cb_str){ (const char *)data, size }, &c, NULL))) {
        struct cb_buf sans;
        cb_buf_init(&sans, 1 << 20);
        cb_cert_print_sans(&c, &sans);
        cb_buf_done(&sans);
        read_extensions(&c);
        for (enum cb_san_kind k = CB_SAN_DNS; k < CB_SAN__MAX; k++) {
            (void)cb_cert_has_san(&c, k, CB_STR("a.example"));
        }
        if (c.subject != NULL) {
            check_name(&a, c.subject);
            check_against_openssl(&a, &c);
        }
    }
    cb_arena_done(&a);
    return 0;
}
