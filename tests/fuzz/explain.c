/* A certificate that somebody wants explained, PEM with its chain, or DER that is made PEM here: what is said
 * of it is JSON whatever it holds, and every profile can judge it. */
#include <openssl/pem.h>
#include <stdlib.h>

#include "base/json_in.h"
#include "base/limits.h"
#include "partner/explain.h"
#include "partner/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cb_str pem_of(struct cb_arena *a, const uint8_t *data, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (bio == NULL || PEM_write_bio(bio, "CERTIFICATE", "", data, (long)size) <= 0) {
        abort();
    }
    const size_t n = (size_t)BIO_get_mem_data(bio, &text);
    const struct cb_str pem = cb_arena_str(a, (struct cb_str){ text, n });
    BIO_free(bio);
    return pem;
}

static void judge(const struct cb_cert *cert)
{
    for (enum cb_profile p = CB_PROFILE_PLAIN; p < CB_PROFILE__MAX; p++) {
        struct cb_profile_facts facts = { .form = CB_FORM_NONE };
        (void)CB_FAILED(cb_profile_read(p, cert, &facts, NULL));
    }
}

static void explain(struct cb_explanation *e)
{
    json_t *object = NULL;
    struct cb_buf text;
    cb_buf_init(&text, 4 * CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_explanation_json(e, &j);
    if (!text.failed && CB_FAILED(cb_json_object(cb_buf_str(&text), &object, NULL))) {
        abort();
    }
    json_decref(object);
    cb_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    struct cb_explanation e = { .arena = NULL };
    cb_arena_init(&a, 8 * CB_MIB);
    const struct cb_str text = { (const char *)data, size };
    /* OpenSSL writes no empty PEM block: nothing is explained as it came. */
    const bool as_it_is = size == 0 || cb_str_starts(text, CB_STR("-"));
    const struct cb_str pem = as_it_is ? text : pem_of(&a, data, size);
    if (!CB_FAILED(cb_explain_certificate(&a, pem, 1800000000, &e, NULL))) {
        judge(&e.cert);
        explain(&e);
    }
    cb_arena_done(&a);
    return 0;
}
