#include "cli/subject.h"

#include "base/file.h"
#include "base/limits.h"
#include "cert/cert.h"

cb_status cb_subject_of_file(struct cb_arena *a, const char *path, struct cb_str *out, struct cb_err *err)
{
    struct cb_str pem, *ders = NULL;
    size_t count = 0;
    CB_TRY(cb_file_read(a, path, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(a, pem, &ders, &count, err));
    CB_ENSURE(count > 0, CB_E_CERT_MALFORMED, "%.100s holds no certificate", path);
    struct cb_cert cert = { 0 };
    CB_TRY(cb_cert_parse(a, ders[0], &cert, err));
    CB_ENSURE(cert.subject != NULL, CB_E_REGISTRATION,
              "%.100s has an empty subject; register one of its SANs", path);
    char *memory = cb_arena_alloc(a, CB_LIMIT_DN);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "subject");
    struct cb_buf text;
    cb_buf_over(&text, memory, CB_LIMIT_DN);
    cb_name_print(cert.subject, &text);
    CB_TRY(cb_buf_check(&text, err));
    *out = cb_buf_str(&text);
    return CB_OK;
}
