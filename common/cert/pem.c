#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/limits.h"
#include "cert/cert.h"

struct block {
    char *name, *header;
    unsigned char *data;
    long n;
};

static void block_done(struct block *b)
{
    OPENSSL_free(b->name);
    OPENSSL_free(b->header);
    OPENSSL_clear_free(b->data, b->n > 0 ? (size_t)b->n : 0); /* it may have been a private key */
    *b = (struct block){ 0 };
}

static void free_bio(BIO **b)
{
    BIO_free(*b);
}

/* Text around the blocks is no error for OpenSSL; a block that is broken is one for us. */
static cb_status next_block(BIO *bio, size_t number, struct block *out, bool *out_end, struct cb_err *err)
{
    *out_end = PEM_read_bio(bio, &out->name, &out->header, &out->data, &out->n) != 1;
    const unsigned long why = *out_end ? ERR_peek_last_error() : 0;
    ERR_clear_error();
    CB_ENSURE(!*out_end || ERR_GET_REASON(why) == PEM_R_NO_START_LINE, CB_E_CERT_MALFORMED,
              "PEM block %zu does not decode", number);
    return CB_OK;
}

static bool is_certificate(struct cb_str name)
{
    return cb_str_is(name, PEM_STRING_X509) || cb_str_is(name, PEM_STRING_X509_OLD);
}

static size_t count_of(struct cb_str pem)
{
    static const char begin[] = "-----BEGIN ";
    size_t n = 0;
    const char *end = pem.p + pem.n;
    for (const char *p = pem.p;
         p < end && (p = memmem(p, (size_t)(end - p), begin, sizeof begin - 1)) != NULL; p++) {
        n++;
    }
    return n;
}

cb_status cb_cert_pem_bundle(struct cb_arena *a, struct cb_str pem, struct cb_str **out_ders,
                             size_t *out_count, struct cb_err *err)
{
    CB_ENSURE(pem.n <= CB_LIMIT_PEM_FILE, CB_E_CERT_MALFORMED, "PEM larger than %zu bytes",
              CB_LIMIT_PEM_FILE);
    struct cb_str *ders = cb_arena_array(a, count_of(pem), sizeof *ders);
    CB_AUTO(free_bio) BIO *bio = BIO_new_mem_buf(pem.n > 0 ? pem.p : "", (int)pem.n);
    CB_ENSURE(ders != NULL && bio != NULL, CB_E_MEMORY, "PEM");
    size_t count = 0;
    for (size_t number = 1;; number++) {
        struct block block CB_AUTO(block_done) = { 0 };
        bool end = false;
        CB_TRY(next_block(bio, number, &block, &end, err));
        if (end) {
            break;
        }
        const struct cb_str name = cb_str_of(block.name);
        CB_ENSURE(!cb_str_is(name, PEM_STRING_X509_TRUSTED), CB_E_CERT_MALFORMED,
                  "PEM block %zu is OpenSSL's own \"trusted\" form: write it with \"openssl x509\"", number);
        if (is_certificate(name)) {
            ders[count] = cb_arena_str(a, (struct cb_str){ (const char *)block.data, (size_t)block.n });
            CB_ENSURE(ders[count].p != NULL, CB_E_MEMORY, "PEM");
            count++;
        }
    }
    *out_ders = ders;
    *out_count = count;
    return CB_OK;
}
