/* Target function: cb_proxy_header_parse, as it is called: with one byte more until the header is whole or
 * refused. */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "http/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t whole = 0; /* no answer may name more than the one before it, once the length is known */
    for (size_t n = 0; data != NULL && n <= size; n++) {
        char *exact = malloc(n + 1); /* so that a sanitizer sees a step too far */
        struct cb_proxy_header h = { 0 };
        struct cb_err err = { 0 };
        demand(exact != NULL);
        memcpy(exact + 1, data, n);
        const bool refused = CB_FAILED(cb_proxy_header_parse((struct cb_str){ exact + 1, n }, &h, &err));
        free(exact);
        demand(!refused || (err.code >= CB_E_PROXY_SIGNATURE && err.code <= CB_E_PROXY_TLV));
        demand(n + h.missing <= CB_LIMIT_PROXY_HEADER);
        demand(refused || n <= 16 || n + h.missing == whole);
        if (refused || h.missing == 0) {
            break;
        }
        whole = n + h.missing;
    }
    return 0;
}
