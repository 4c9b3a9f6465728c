#include "oauth/scope.h"

#include "base/limits.h"
#include "partner/roles.h"

struct words {
    struct cb_str w[CB_LIMIT_SCOPES];
    size_t count;
};

static bool holds(const struct words *set, struct cb_str word)
{
    for (size_t i = 0; i < set->count; i++) {
        if (cb_str_eq(set->w[i], word)) {
            return true;
        }
    }
    return false;
}

/* scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
static bool is_scope_token(struct cb_str word)
{
    for (size_t i = 0; i < word.n; i++) {
        const unsigned char c = (unsigned char)word.p[i];
        if (c < 0x21 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return word.n > 0;
}

/* scope = scope-token *( SP scope-token ): RFC 6749 section 3.3. Said twice is said once. */
static cb_status split(struct cb_str text, struct words *out, struct cb_err *err)
{
    struct cb_str word;
    for (struct cb_str rest = text; text.n > 0 && cb_str_next(&rest, ' ', &word);) {
        CB_ENSURE(is_scope_token(word), CB_E_SCOPE_MALFORMED,
                  "scope has an empty word or a forbidden character");
        if (holds(out, word)) {
            continue;
        }
        CB_ENSURE(out->count < CB_LIMIT_SCOPES, CB_E_SCOPE_MALFORMED, "more than %d scopes", CB_LIMIT_SCOPES);
        out->w[out->count++] = word;
    }
    return CB_OK;
}

static const struct cb_config_resource *resource_named(const struct cb_config *c, struct cb_str identifier)
{
    for (size_t i = 0; i < c->resource_count; i++) {
        if (cb_str_is(identifier, c->resources[i].identifier)) {
            return &c->resources[i];
        }
    }
    return NULL;
}

static const struct cb_config_resource *resource_of_scope(const struct cb_config *c, struct cb_str scope)
{
    for (size_t i = 0; i < c->resource_count; i++) {
        for (size_t k = 0; k < c->resources[i].scope_count; k++) {
            if (cb_str_is(scope, c->resources[i].scopes[k])) {
                return &c->resources[i];
            }
        }
    }
    return NULL;
}

static cb_status named_resource(const struct cb_config *c, const struct cb_param_list *names,
                                const struct cb_config_resource **out, struct cb_err *err)
{
    CB_ENSURE(names->count <= 1, CB_E_TARGET_MALFORMED, "%zu resources in one request", names->count);
    if (names->count == 1) {
        *out = resource_named(c, names->values[0]);
        CB_ENSURE(*out != NULL, CB_E_TARGET_UNKNOWN, "resource is not configured");
    }
    return CB_OK;
}

static cb_status resource_of_scopes(const struct cb_config *c, const struct words *asked,
                                    const struct cb_config_resource **inout, struct cb_err *err)
{
    for (size_t i = 0; i < asked->count; i++) {
        const struct cb_config_resource *of = resource_of_scope(c, asked->w[i]);
        CB_ENSURE(of != NULL, CB_E_SCOPE_UNKNOWN, "scope word %zu is not configured", i + 1);
        CB_ENSURE(*inout == NULL || *inout == of, CB_E_SCOPE_OF_TWO_RESOURCES,
                  "scope word %zu belongs to another resource", i + 1);
        *inout = of;
    }
    if (*inout == NULL) {
        *inout = resource_named(c, cb_str_of(c->default_resource));
    }
    CB_ENSURE(*inout != NULL, CB_E_TARGET_UNKNOWN, "no resource is configured");
    return CB_OK;
}

static void all_of(const struct cb_config_resource *r, struct words *out)
{
    for (size_t i = 0; i < r->scope_count && out->count < CB_LIMIT_SCOPES; i++) {
        out->w[out->count++] = cb_str_of(r->scopes[i]);
    }
}

static void keep_registered(struct words *set, const struct cb_client *client)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (cb_client_has_scope(client, set->w[i])) {
            set->w[kept++] = set->w[i];
        }
    }
    set->count = kept;
}

/* By the roles of the certificate and of the software statement, both. */
static void keep_allowed(struct words *set, const struct cb_config *c, const struct cb_client *client,
                         const struct cb_profile_facts *facts)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (cb_roles_allow(c, facts, set->w[i]) && cb_role_names_allow(c, client->roles, set->w[i])) {
            set->w[kept++] = set->w[i];
        }
    }
    set->count = kept;
}

static cb_status check_some_left(const struct words *set, const struct cb_client *client,
                                 const struct cb_profile_facts *facts, struct cb_err *err)
{
    enum { NAMES_MAX = 64 };
    char memory[CB_ROLES_TEXT];
    struct cb_buf roles;
    cb_buf_over(&roles, memory, sizeof memory);
    cb_roles_print(facts->roles, &roles);
    CB_ENSURE(set->count > 0, CB_E_SCOPE_ROLE,
              "nothing is left of the scopes by the roles of the certificate (" CB_STR_FMT
              ") and of the software statement (%.*s)",
              CB_STR_ARG(cb_buf_str(&roles)), client->roles.n > NAMES_MAX ? NAMES_MAX : (int)client->roles.n,
              client->roles.p);
    return CB_OK;
}

cb_status cb_entitle(struct cb_arena *a, const struct cb_config *config, const struct cb_client *client,
                     const struct cb_profile_facts *facts, struct cb_str scope,
                     const struct cb_param_list *resources, struct cb_entitlement *out, struct cb_err *err)
{
    const struct cb_config_resource *resource = NULL;
    struct words set = { .count = 0 };
    CB_TRY(named_resource(config, resources, &resource, err));
    CB_TRY(split(scope, &set, err));
    CB_TRY(resource_of_scopes(config, &set, &resource, err));
    if (scope.n == 0) {
        all_of(resource, &set);
    }
    keep_registered(&set, client);
    CB_ENSURE(set.count > 0 || scope.n > 0 || resources->count == 0, CB_E_TARGET_NOT_ALLOWED,
              "the client has no scope of the resource it asks for");
    CB_ENSURE(set.count > 0, CB_E_SCOPE_NOT_ALLOWED, "the client has none of the scopes");
    keep_allowed(&set, config, client, facts);
    CB_TRY(check_some_left(&set, client, facts, err));
    struct cb_entitlement granted = { .resource = resource->identifier };
    granted.scope = cb_arena_join(a, set.w, set.count);
    CB_ENSURE(granted.scope.p != NULL, CB_E_MEMORY, "scope");
    *out = granted;
    return CB_OK;
}
