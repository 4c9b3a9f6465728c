/* What POST /register and PUT /register/{client_id} have in common: RFC 7591, RFC 7592 section 2.2. */
#ifndef CB_ENROL_H
#define CB_ENROL_H

#include "oauth/exchange.h"
#include "onboarding/rules.h"

struct cb_enrolment {
    struct cb_application application;
    struct cb_report report;
    struct cb_client_record record; /* to be stored, when the report is empty; it has no token yet */
};

/* `?dry_run=true`: judge, and store nothing. */
struct cb_enrol_form {
    struct cb_str dry_run;
};
extern const struct cb_param_table cb_enrol_params;

/* Reads the body, finds out about certificate and signatures, and judges by every rule. What the partner did
 * wrong is in the report; fails when that cannot be told: CB_E_CERT_MISSING, CB_E_DCR_KEYS_PENDING, ... */
CB_MUST cb_enrol_judge(const struct cb_app *app, struct cb_request *rq,
                       const struct cb_client_record *registered, struct cb_enrolment *out,
                       struct cb_err *err);

bool cb_enrol_is_dry_run(const struct cb_request *rq);

/* The answer to a dry run: whether it would be registered, as what, and all that speaks against it. */
CB_MUST cb_enrol_answer_dry_run(struct cb_request *rq, const struct cb_enrolment *e, struct cb_reply *out,
                                struct cb_err *err);

/* Fails with the first violation and tells all of them (rq->problems). */
CB_MUST cb_enrol_verdict(struct cb_request *rq, const struct cb_report *report, struct cb_err *err);

/* One more violation, found when it was to be stored; fails with it. */
CB_MUST cb_enrol_refuse(struct cb_request *rq, const char *rule, enum cb_code code, const char *text,
                        struct cb_err *err);

/* Each signed request once. */
CB_MUST cb_enrol_use_once(const struct cb_app *app, struct cb_request *rq, const struct cb_enrolment *e,
                          struct cb_err *err);

/* RFC 7591 section 3.2.1, with the token that was presented or made. */
CB_MUST cb_enrol_answer(struct cb_request *rq, const struct cb_client_record *r, struct cb_str token,
                        int status, struct cb_reply *out, struct cb_err *err);

#endif
