/* A JWK set: RFC 7517 section 5. What is accepted has a key that can be found. */
#include <stdlib.h>

#include "verifier/keyset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_keyset *set = NULL;
    struct cb_err err = { 0 };
    const bool good = !CB_FAILED(cb_keyset_parse((struct cb_str){ (const char *)data, size }, &set, &err));
    if (good != (set != NULL) || good != (err.code == CB_E_NONE)) {
        abort();
    }
    (void)cb_keyset_find(set, (struct cb_str){ (const char *)data, size });
    cb_keyset_unref(set);
    return 0;
}
