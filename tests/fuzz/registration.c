/* The body of POST /register, read and judged by every rule: RFC 7591. The first byte says in which form it
 * came. */
#include "onboarding/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *scopes[] = { "accounts", "payments" };
static struct cb_config_resource resources[] = { { "https://api.example", scopes, 2 } };
static struct cb_config_role roles[] = { { "AISP", scopes, 1 }, { "DADOS", scopes, 2 } };
static struct cb_config_trust_group groups[] = { { .name = "g", .anchors = "a", .profile = "plain" } };
static struct cb_config_directory directories[] = {
    { .name = "uk", .issuer = "u", .jwks = "k", .profile = "obuk", .trust_group = "g" },
    { .name = "brazil", .issuer = "b", .jwks = "k", .profile = "ofbr", .trust_group = "g" },
    { .name = "sandbox", .issuer = "s", .jwks = "k", .profile = "generic", .trust_group = "g" },
};
static const struct cb_config config = { .issuer = "https://as.example",
                                         .resources = resources,
                                         .resource_count = 1,
                                         .roles = roles,
                                         .role_count = 2,
                                         .trust_groups = groups,
                                         .trust_group_count = 1,
                                         .directories = directories,
                                         .directory_count = 3 };

static void judge(struct cb_application *app)
{
    static const struct cb_client_record before = { .client_id = { "c", 1 }, .directory = { "uk", 2 } };
    static const struct cb_cert nobody;
    struct cb_report report = { .count = 0 };
    struct cb_client_record record;
    app->has = CB_HAS_STATEMENT_KEYS | CB_HAS_REQUEST_KEYS | CB_HAS_CERTIFICATE;
    app->certificate = &nobody;
    app->registered = app->scheme == CB_SCHEME_OBUK ? &before : NULL;
    if (!CB_FAILED(cb_rules_judge(app, &report, NULL))) {
        /* As if no rule had been broken: what makes the record must stand what the rules would not let pass.
         */
        (void)CB_FAILED(cb_application_record(app, &report, &record, NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct cb_arena a;
    struct cb_application app;
    cb_arena_init(&a, 4 * CB_LIMIT_REQUEST_ARENA);
    if (!CB_FAILED(cb_application_read(&a, (struct cb_str){ (const char *)data + 1, size - 1 },
                                       data[0] == 'j', &config, 1800000000, &app, NULL))) {
        judge(&app);
    }
    cb_arena_done(&a);
    return 0;
}
