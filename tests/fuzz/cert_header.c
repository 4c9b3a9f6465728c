/* Target functions: cb_cert_header_parse, every form of it. The input is the form's name, the field and the
 * chain's field, a line each. */
#include <stdint.h>
#include <stdlib.h>

#include "http/client_cert_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_str rest = { (const char *)data, size };
    struct cb_str name = { 0 }, leaf = { 0 }, chain = { 0 };
    if (data == NULL || !cb_str_next(&rest, '\n', &name)) {
        return 0;
    }
    const struct cb_cert_header_form *form = cb_cert_header_form(name);
    if (form == NULL || !cb_str_next(&rest, '\n', &leaf)) {
        return 0;
    }
    (void)cb_str_next(&rest, '\n', &chain);
    struct cb_arena a;
    struct cb_presented p = { 0 };
    struct cb_err err = { 0 };
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    if (CB_FAILED(cb_cert_header_parse(form, &a, leaf, chain, &p, &err))) {
        demand(p.count == 0 && err.code != CB_E_NONE);
        demand(cb_code_class(err.code) == CB_CLASS_PROTOCOL || err.code == CB_E_MEMORY);
    } else {
        demand(p.count <= CB_LIMIT_CHAIN && (p.count > 0) == (leaf.n > 0));
    }
    for (size_t i = 0; i < p.count; i++) {
        demand(p.ders[i].n > 0 && p.ders[i].p[0] + p.ders[i].p[p.ders[i].n - 1] < 512); /* read both ends */
    }
    cb_arena_done(&a);
    return 0;
}
