/* The key set of a client with self-signed certificates, from a registration or from its jwks_uri: RFC 8705
 * section 2.2. A set that is accepted has certificates to authenticate with. */
#include <stdlib.h>

#include "base/limits.h"
#include "partner/self_signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cb_str jwks = { (const char *)data, size };
    struct cb_arena a;
    struct cb_buf problems;
    const struct cb_x5t *x5ts = NULL;
    struct cb_certificate_list list = { .count = 0 };
    size_t count = 0;
    cb_arena_init(&a, 8 * CB_MIB);
    cb_buf_init(&problems, 64 * CB_KIB);
    const bool good = !CB_FAILED(cb_self_signed_check(&a, jwks, &problems, NULL));
    const bool read = !CB_FAILED(cb_self_signed_thumbprints(&a, jwks, &x5ts, &count, NULL));
    demand(!good || (problems.n == 0 && read && count > 0));
    if (good) {
        demand(!CB_FAILED(cb_self_signed_certificates(&a, jwks, &list, NULL)) && list.count == count);
    }
    cb_buf_done(&problems);
    cb_arena_done(&a);
    return 0;
}
