/* Signed requests that count once. */
#include <string.h>

#include "place.h"

TestSuite(requests, .init = place_migrated, .fini = place_done);

enum { REQUEST = 32 };

static struct cb_str digest(char fill)
{
    static char bytes[256][REQUEST];
    char *d = bytes[(unsigned char)fill];
    memset(d, fill, REQUEST);
    return (struct cb_str){ d, REQUEST };
}

Test(requests, are_used_once_until_they_expire)
{
    const int64_t before = generation();
    EXPECT(cb_store_request_use(store, digest('a'), 100, 10, &err), CB_E_NONE);
    EXPECT(cb_store_request_use(store, digest('a'), 100, 10, &err), CB_E_EXISTS);
    cr_expect_str_eq(err.detail, "this request was used before");
    EXPECT(cb_store_request_use(store, digest('a'), 200, 99, &err), CB_E_EXISTS);
    EXPECT(cb_store_request_use(store, digest('b'), 100, 10, &err), CB_E_NONE);
    EXPECT(cb_store_request_use(store, digest('a'), 200, 100, &err), CB_E_NONE);
    EXPECT(cb_store_request_use(store, digest('a'), 200, 100, &err), CB_E_EXISTS);
    cr_expect_eq(generation(), before, "the registry is as it was");
}

Test(requests, are_digests)
{
    EXPECT(cb_store_request_use(store, CB_STR("short"), 100, 10, &err), CB_E_INTERNAL);
    EXPECT(cb_store_request_use(store, (struct cb_str){ 0 }, 100, 10, &err), CB_E_INTERNAL);
    EXPECT(cb_store_request_use(store, digest('a'), -1, -2, &err), CB_E_INTERNAL);
}
