/* Splitting a compact JWS: RFC 7515 section 7.1. */
#include "jose/jws.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    struct cb_jws_raw raw;
    (void)CB_FAILED(cb_jws_split(&a, (struct cb_str){ (const char *)data, size }, &raw, NULL));
    cb_arena_done(&a);
    return 0;
}
