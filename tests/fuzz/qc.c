/* Target functions: cb_qc_read, cb_organisation_of. */
#include <stdlib.h>

#include "cert/organisation.h"
#include "cert/qc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is borrowed lies within what was read. */
static void check_within(struct cb_str part, const uint8_t *data, size_t size)
{
    const char *from = (const char *)data;
    if (part.n > 0 && (part.p < from || part.p + part.n > from + size)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cb_str bytes = { (const char *)data, size };
    struct cb_qc qc = { .roles = 0 };
    struct cb_organisation o = { .text = { NULL, 0 } };
    if (!CB_FAILED(cb_qc_read(bytes, &qc, NULL))) {
        check_within(qc.authority_name, data, size);
        check_within(qc.authority_id, data, size);
        if (qc.has_psd2 && !cb_is_authority_id(qc.authority_id)) {
            abort();
        }
    }
    if (cb_organisation_of(bytes, &o)) {
        check_within(o.authority, data, size);
        check_within(o.number, data, size);
    }
    return 0;
}
