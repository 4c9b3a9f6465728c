#include "onboarding/rules.h"

const struct cb_rule_table *const cb_rules_all[] = {
    &cb_rules_certificate,    &cb_rules_statement, &cb_rules_request, &cb_rules_redirect,
    &cb_rules_authentication, &cb_rules_metadata,  &cb_rules_scope,
};
const size_t cb_rules_all_count = CB_COUNT(cb_rules_all);

cb_status cb_report_add(struct cb_report *r, struct cb_arena *a, const char *rule, enum cb_code code,
                        const char *text, struct cb_err *err)
{
    if (r->count == CB_COUNT(r->violations)) {
        return CB_OK;
    }
    const char *copy = cb_arena_cstr(a, cb_str_of(text));
    CB_ENSURE(copy != NULL, CB_E_MEMORY, "report");
    r->violations[r->count++] = (struct cb_violation){ .rule = rule, .code = code, .text = copy };
    return CB_OK;
}

static cb_status judge_one(const struct cb_application *app, const struct cb_rule *rule, struct cb_report *r,
                           struct cb_err *err)
{
    struct cb_err why = { 0 };
    if ((rule->schemes & app->scheme) == 0) {
        return CB_OK;
    }
    if ((rule->needs & ~app->has) != 0) {
        if (r->unjudged_count < CB_COUNT(r->unjudged)) {
            r->unjudged[r->unjudged_count++] = rule->name;
        }
        return CB_OK;
    }
    if (!CB_FAILED(rule->check(app, &why))) {
        return CB_OK;
    }
    if (why.code == CB_E_REGISTRATION) {
        return cb_report_add(r, app->arena, rule->name, rule->refusal, why.detail, err);
    }
    CB_ENSURE(cb_code_class(why.code) == CB_CLASS_PROTOCOL, why.code, "%s: %.180s", rule->name, why.detail);
    return cb_report_add(r, app->arena, rule->name, why.code, why.detail, err);
}

cb_status cb_rules_judge(const struct cb_application *app, struct cb_report *out, struct cb_err *err)
{
    for (size_t t = 0; t < cb_rules_all_count; t++) {
        for (size_t i = 0; i < cb_rules_all[t]->count; i++) {
            CB_TRY(judge_one(app, &cb_rules_all[t]->rules[i], out, err));
        }
    }
    return CB_OK;
}

cb_status cb_report_verdict(const struct cb_report *r, struct cb_err *err)
{
    CB_ENSURE(r->count == 0, r->violations[0].code, "%s: %.180s", r->violations[0].rule,
              r->violations[0].text);
    CB_ENSURE(r->unjudged_count == 0, CB_E_INTERNAL, "rule %s was not judged", r->unjudged[0]);
    return CB_OK;
}
