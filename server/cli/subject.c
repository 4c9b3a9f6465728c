#include "cli/subject.h"

#include "base/limits.h"
#include "cli/cert_file.h"

cb_status cb_subject_of_file(struct cb_arena *a, const char *path, struct cb_str *out, struct cb_err *err)
{
    struct cb_cert cert = { 0 };
    CB_TRY(cb_cert_of_file(a, path, &cert, err));
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
