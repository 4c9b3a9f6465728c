#include "oauth/report.h"

#include "oauth/exchange.h"
#include "onboarding/record.h"

static void put_violations(const struct cb_report *report, struct cb_json_out *j)
{
    cb_json_key(j, "violations");
    cb_json_open(j, '[');
    for (size_t i = 0; i < report->count; i++) {
        const struct cb_violation *v = &report->violations[i];
        cb_json_open(j, '{');
        cb_json_put_cstr(j, "rule", v->rule);
        cb_json_put_cstr(j, "error", cb_error_of(v->code)->error);
        cb_json_put_cstr(j, "description", v->text);
        cb_json_close(j, '}');
    }
    cb_json_close(j, ']');
}

void cb_report_write(const struct cb_report *report, const struct cb_client_record *record,
                     struct cb_json_out *j)
{
    cb_json_open(j, '{');
    cb_json_put_bool(j, "valid", report->count == 0);
    put_violations(report, j);
    if (report->unjudged_count > 0) {
        cb_json_key(j, "not_judged");
        cb_json_open(j, '[');
        for (size_t i = 0; i < report->unjudged_count; i++) {
            cb_json_cstr(j, report->unjudged[i]);
        }
        cb_json_close(j, ']');
    }
    if (record != NULL) {
        cb_json_key(j, "registration");
        cb_json_open(j, '{');
        cb_application_describe(record, j);
        cb_json_close(j, '}');
    }
    cb_json_close(j, '}');
}
