#include "cli/cert_file.h"

#include "base/file.h"
#include "base/limits.h"

cb_status cb_cert_of_file(struct cb_arena *a, const char *path, struct cb_cert *out, struct cb_err *err)
{
    struct cb_str pem, *ders = NULL;
    size_t count = 0;
    CB_TRY(cb_file_read(a, path, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(a, pem, &ders, &count, err));
    CB_ENSURE(count > 0, CB_E_CERT_MALFORMED, "%.100s holds no certificate in PEM", path);
    return cb_cert_parse(a, ders[0], out, err);
}
