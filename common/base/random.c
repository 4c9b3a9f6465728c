#include "base/random.h"

#include <limits.h>
#include <openssl/rand.h>

cb_status cb_random(void *out, size_t n, struct cb_err *err)
{
    CB_ENSURE(n <= INT_MAX, CB_E_LIMIT, "random bytes: %zu asked for", n);
    CB_TRY_OSSL(RAND_bytes(out, (int)n), "random generator");
    return CB_OK;
}
