/* Target functions: cb_cert_parse, cb_cert_has_san, cb_cert_print_sans, cb_name_print, cb_name_from_text. */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "cert/cert.h"

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
