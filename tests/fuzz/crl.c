/* Target functions: cb_crl_read, cb_crl_table_read, cb_crl_table_find, cb_crl_scope_read, cb_cert_crl_points,
 * cb_cert_ocsp_responders. What stands behind a signature is reached without one. */
#include <stdlib.h>

#include "cert/crl_scope.h"
#include "cert/crl_table.h"
#include "cert/der.h"
#include "cert/status_urls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is found again. */
static void read_entries(struct cb_str bytes)
{
    struct cb_crl_table table CB_AUTO(cb_crl_table_done) = { 0 };
    struct cb_crl_entry found = { .reason = NULL };
    struct cb_str entry = { 0 }, serial = { 0 };
    if (CB_FAILED(cb_crl_table_read(bytes, true, &table, NULL))) {
        return;
    }
    while (cb_der_take(&bytes, CB_DER_SEQUENCE, &entry)) {
        if (!cb_der_take(&entry, CB_DER_INTEGER, &serial) || !cb_crl_table_find(&table, serial, &found)) {
            abort();
        }
    }
}

static void read_extensions(struct cb_str bytes)
{
    struct cb_arena a;
    struct cb_crl_scope scope = { .reasons = 0 };
    char number[CB_CRL_NUMBER_TEXT] = "";
    cb_arena_init(&a, 1 << 16);
    (void)cb_crl_scope_read(&a, bytes, &scope, number, NULL).v_;
    cb_arena_done(&a);
}

static void read_urls(struct cb_str bytes)
{
    const struct cb_extension all[] = {
        { .oid = CB_STR("\x55\x1d\x1f"), .value = bytes },
        { .oid = CB_STR("\x2b\x06\x01\x05\x05\x07\x01\x01"), .value = bytes },
    };
    const struct cb_cert c = { .extensions = all, .extension_count = CB_COUNT(all) };
    struct cb_status_urls urls = { .count = 0 };
    (void)cb_cert_crl_points(&c, &urls, NULL).v_;
    (void)cb_cert_ocsp_responders(&c, &urls, NULL).v_;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cb_str bytes = { (const char *)data, size };
    struct cb_crl *list = NULL;
    if (!CB_FAILED(cb_crl_read(bytes, NULL, 0, INT64_MAX / 2, &list, NULL))) {
        abort(); /* nobody signed it */
    }
    read_entries(bytes);
    read_extensions(bytes);
    read_urls(bytes);
    return 0;
}
