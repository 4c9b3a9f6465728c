/* Names of the domain test resolve to the addresses that the environment lists, so that the answers of a
 * hostile name server can be tried: the tool's own getaddrinfo comes before the C library's. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/str.h"

typedef int lookup_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static lookup_fn *library(void)
{
    lookup_fn *f = NULL;
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&f, &symbol, sizeof f);
    return f;
}

static bool is_test(const char *name)
{
    const size_t n = name == NULL ? 0 : strlen(name);
    return n > 5 && cb_str_is((struct cb_str){ name + n - 5, 5 }, ".test");
}

/* In the order of the list; those of the wrong family are left out. */
static int listed(const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    const char *list = getenv("CERTBOUND_TEST_ADDRESSES");
    struct cb_str rest = cb_str_of(list == NULL ? "" : list), address;
    struct addrinfo **end = out;
    *out = NULL;
    while (cb_str_next(&rest, ' ', &address)) {
        char text[64] = { 0 };
        memcpy(text, address.p, address.n < sizeof text ? address.n : sizeof text - 1);
        if (library()(text, service, hints, end) == 0) {
            for (; *end != NULL; end = &(*end)->ai_next) {
            }
        } else {
            *end = NULL;
        }
    }
    return *out == NULL ? EAI_NONAME : 0;
}

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **out)
{
    return is_test(name) ? listed(service, hints, out) : library()(name, service, hints, out);
}
