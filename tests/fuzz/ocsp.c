/* Target functions: cb_ocsp_read, cb_ocsp_request, cb_signature_algorithm_of. */
#include <stdlib.h>

#include "cert/ocsp.h"
#include "cert/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A CA whose key nobody has any more; it signed a response in the corpus. */
static const char issuer[] =
#include "ocsp_issuer.inc"
    ;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nonce[CB_OCSP_NONCE] = { 0 };
    const struct cb_str bytes = { (const char *)data, size };
    const struct cb_ocsp_subject s = { .serial = CB_STR("\x07"), .issuer = { issuer, sizeof issuer - 1 } };
    const struct cb_ocsp_subject other = { .serial = bytes, .issuer = bytes };
    struct cb_ocsp_answer answer = { .status = CB_OCSP_UNKNOWN };
    struct cb_signature_algorithm algorithm = { .key = NULL };
    char memory[1024];
    struct cb_buf request;
    cb_buf_over(&request, memory, sizeof memory);
    (void)cb_ocsp_read(bytes, &s, nonce, 1800000000, &answer, NULL).v_;
    (void)cb_ocsp_request(&other, CB_OCSP_SHA256, nonce, &request, NULL).v_;
    (void)cb_signature_algorithm_of(bytes, &algorithm);
    return 0;
}
