#include "partner/roles.h"

#include "cert/qc.h"

static bool has_role(unsigned roles, const char *name)
{
    for (enum cb_psp_role r = CB_PSP_ACCOUNT_SERVICING; r < CB_PSP__MAX; r++) {
        if ((roles & 1U << r) != 0 && cb_str_eq(cb_str_of(name), cb_str_of(cb_psp_role_name(r)))) {
            return true;
        }
    }
    return false;
}

static bool lists(const struct cb_config_role *role, struct cb_str scope)
{
    for (size_t i = 0; i < role->scope_count; i++) {
        if (cb_str_is(scope, role->scopes[i])) {
            return true;
        }
    }
    return false;
}

static bool names_role(struct cb_str names, struct cb_str role)
{
    struct cb_str name = { 0 };
    while (names.n > 0 && cb_str_next(&names, ' ', &name)) {
        if (cb_str_eq(name, role)) {
            return true;
        }
    }
    return false;
}

bool cb_role_names_allow(const struct cb_config *config, struct cb_str names, struct cb_str scope)
{
    for (size_t i = 0; names.n > 0 && i < config->role_count; i++) {
        if (names_role(names, cb_str_of(config->roles[i].role)) && lists(&config->roles[i], scope)) {
            return true;
        }
    }
    return names.n == 0;
}

bool cb_roles_allow(const struct cb_config *config, const struct cb_profile_facts *facts, struct cb_str scope)
{
    for (size_t i = 0; facts->limits_scopes && i < config->role_count; i++) {
        if (has_role(facts->roles, config->roles[i].role) && lists(&config->roles[i], scope)) {
            return true;
        }
    }
    return !facts->limits_scopes;
}

void cb_roles_print(unsigned roles, struct cb_buf *out)
{
    const char *separator = "";
    for (enum cb_psp_role r = CB_PSP_ACCOUNT_SERVICING; r < CB_PSP__MAX; r++) {
        if ((roles & 1U << r) != 0) {
            cb_buf_add_cstr(out, separator);
            cb_buf_add_cstr(out, cb_psp_role_name(r));
            separator = " ";
        }
    }
}

void cb_roles_print_scopes(const struct cb_config *config, const struct cb_profile_facts *facts,
                           struct cb_buf *out)
{
    const char *separator = "";
    for (size_t r = 0; r < config->resource_count; r++) {
        for (size_t i = 0; i < config->resources[r].scope_count; i++) {
            const char *scope = config->resources[r].scopes[i];
            if (cb_roles_allow(config, facts, cb_str_of(scope))) {
                cb_buf_add_cstr(out, separator);
                cb_buf_add_cstr(out, scope);
                separator = " ";
            }
        }
    }
}
