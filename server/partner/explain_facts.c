#include "base/limits.h"
#include "cert/organisation.h"
#include "partner/explain.h"

static cb_status text_of(struct cb_arena *a, const struct cb_buf *b, struct cb_str *out, struct cb_err *err)
{
    CB_TRY(cb_buf_check(b, err));
    *out = cb_arena_str(a, cb_buf_str(b));
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

static cb_status name_text(struct cb_arena *a, const struct cb_name *name, struct cb_str *out,
                           struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 256 * CB_KIB);
    if (name != NULL) {
        cb_name_print(name, &b);
    }
    return text_of(a, &b, out, err);
}

cb_status cb_cert_facts_collect(struct cb_arena *a, const struct cb_cert *cert, int64_t now,
                                struct cb_cert_facts *out, struct cb_err *err)
{
    struct cb_cert_facts f = { .days_left = cb_days_left(cert->not_after, now) };
    struct cb_buf sans CB_AUTO(cb_buf_done);
    cb_buf_init(&sans, 256 * CB_KIB);
    cb_cert_print_sans(cert, &sans);
    CB_TRY(text_of(a, &sans, &f.sans, err));
    CB_TRY(name_text(a, cert->subject, &f.subject, err));
    CB_TRY(name_text(a, cert->issuer, &f.issuer, err));
    if (cert->subject != NULL) {
        (void)cb_name_values(cert->subject, CB_OID_ORGANIZATION_IDENTIFIER, &f.organisation);
    }
    cb_x5t_text(&cert->x5t, f.x5t);
    cb_time_text(cert->not_before, f.not_before);
    cb_time_text(cert->not_after, f.not_after);
    if (CB_FAILED(cb_cert_qc(cert, &f.has_qc, &f.qc, &f.qc_why))) {
        f.has_qc = true;
    }
    CB_TRY(cb_subject_of_cert(a, cert, CB_SUBJECT_DN, &f.subject_to_register, err));
    *out = f;
    return CB_OK;
}

void cb_qc_types_print(unsigned types, struct cb_buf *out)
{
    static const struct {
        unsigned type;
        const char *text;
    } names[] = {
        { CB_QC_TYPE_SIGNATURE, "electronic signature" },
        { CB_QC_TYPE_SEAL, "electronic seal" },
        { CB_QC_TYPE_WEBSITE, "website authentication" },
    };
    const char *separator = "";
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        if ((types & names[i].type) != 0) {
            cb_buf_add_cstr(out, separator);
            cb_buf_add_cstr(out, names[i].text);
            separator = ", ";
        }
    }
}
