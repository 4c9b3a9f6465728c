#include "base/random.h"

#include <limits.h>
#include <openssl/rand.h>
#include <string.h>

cb_status cb_random(void *out, size_t n, struct cb_err *err)
{
    CB_ENSURE(n <= INT_MAX, CB_E_LIMIT, "random bytes: %zu asked for", n);
    CB_TRY_OSSL(RAND_bytes(out, (int)n), "random generator");
    return CB_OK;
}

cb_status cb_random_name(uint8_t out[CB_RANDOM_NAME], struct cb_err *err)
{
    enum { AT_ONCE = 32 };
    static _Thread_local uint8_t pool[AT_ONCE][CB_RANDOM_NAME];
    static _Thread_local size_t left;
    if (left == 0) {
        CB_TRY(cb_random(pool, sizeof pool, err));
        left = AT_ONCE;
    }
    memcpy(out, pool[--left], CB_RANDOM_NAME);
    return CB_OK;
}
