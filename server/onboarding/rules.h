/* The rules of registration: each a small named check. All of them are evaluated, so that a partner mends
 * everything at once; the first that is broken decides the error word. */
#ifndef CB_RULES_H
#define CB_RULES_H

#include "base/buf.h"
#include "base/limits.h"
#include "onboarding/application.h"

struct cb_rule {
    const char *name;     /* told to the partner and logged; never changes */
    unsigned schemes;     /* whose rule it is */
    unsigned needs;       /* CB_HAS_...: without it the rule cannot be judged */
    enum cb_code refusal; /* one of the DCR_ codes */
    /* CB_E_REGISTRATION: the rule is broken, and the detail is the sentence for the partner. Another code of
     * the peer's class: broken, and this code is the answer. Any other code: we could not judge. */
    cb_status (*check)(const struct cb_application *app, struct cb_err *err);
};

struct cb_rule_table {
    const struct cb_rule *rules;
    size_t count;
};

/* In the order in which they decide. */
extern const struct cb_rule_table cb_rules_statement, cb_rules_request, cb_rules_certificate,
    cb_rules_redirect, cb_rules_authentication, cb_rules_metadata, cb_rules_scope;
extern const struct cb_rule_table *const cb_rules_all[];
extern const size_t cb_rules_all_count;

/* "statement_newest": also where a client that has ended comes back, which is known only when it is stored.
 */
#define CB_STATEMENT_SUPERSEDED "software_statement is older than the one that this client is registered with"

struct cb_violation {
    const char *rule;
    enum cb_code code; /* what the answer would be */
    const char *text;
};

struct cb_report {
    struct cb_violation violations[CB_LIMIT_VIOLATIONS];
    size_t count;
    const char *unjudged[CB_LIMIT_VIOLATIONS]; /* rules that needed what was not at hand */
    size_t unjudged_count;
};

/* Adds a violation; the text is copied. Those beyond the limit are not kept. CB_E_MEMORY. */
CB_MUST cb_report_add(struct cb_report *r, struct cb_arena *a, const char *rule, enum cb_code code,
                      const char *text, struct cb_err *err);

/* Judges by every rule of the application's scheme. Fails only when it could not be done. */
CB_MUST cb_rules_judge(const struct cb_application *app, struct cb_report *out, struct cb_err *err);

/* The verdict: the first violation as an error, "RULE: sentence"; also when a rule could not be judged. */
CB_MUST cb_report_verdict(const struct cb_report *r, struct cb_err *err);

#endif
