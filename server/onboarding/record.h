/* From an application that keeps the rules to the client that is stored, and from there to the answer. */
#ifndef CB_APPLICATION_RECORD_H
#define CB_APPLICATION_RECORD_H

#include "base/json_out.h"
#include "onboarding/rules.h"

/* The record to add or, where the application replaces one, to update with. What the registry's own checks
 * find is added to the report, and *out is then not to be used. It has no token yet. */
CB_MUST cb_application_record(const struct cb_application *app, struct cb_report *report,
                              struct cb_client_record *out, struct cb_err *err);

/* The members of RFC 7591 section 3.2.1 that say what is registered, inside an object that is open. */
void cb_application_describe(const struct cb_client_record *r, struct cb_json_out *j);

#endif
