/* What the rules found, as JSON: for a dry run and for `certbound client check-registration`. */
#ifndef CB_OAUTH_REPORT_H
#define CB_OAUTH_REPORT_H

#include "base/json_out.h"
#include "onboarding/rules.h"

/* {"valid": ..., "violations": [{"rule", "error", "description"}], "not_judged": [...], "registration":
 * {...}}; the last only with a record, what would be registered. */
void cb_report_write(const struct cb_report *report, const struct cb_client_record *record,
                     struct cb_json_out *j);

#endif
