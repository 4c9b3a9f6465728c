/* certbound trust list: what the trust groups demand, and whom they trust, by the files as they are now. */
#include "base/clock.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "partner/registry.h"
#include "partner/trust_json.h"

struct trust_args {
    const char *config;
    bool json;
};

static void auto_trust(struct cb_trust_groups **t)
{
    cb_trust_groups_unref(*t);
}

static void put_group(struct cb_json_out *j, const struct cb_config_trust_group *g, const struct cb_trust *t)
{
    cb_json_open(j, '{');
    cb_trust_group_json(g, t, j);
    cb_json_key(j, "revocation");
    cb_json_open(j, '{');
    cb_revocation_policy_json(&g->revocation, j);
    cb_json_close(j, '}');
    cb_json_close(j, '}');
}

static int print_json(struct cb_cli *cli, const struct cb_config *config, const struct cb_trust_groups *trust)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, 256 * CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "trust_groups");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < cb_trust_groups_count(trust); i++) {
        const char *name = NULL;
        put_group(&j, &config->trust_groups[i], cb_trust_groups_at(trust, i, &name));
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

static void add_row(struct cb_table *t, const struct cb_config_trust_group *g, const char *role,
                    const struct cb_authority *a, int64_t now)
{
    char days[24], not_after[CB_TIME_TEXT], x5t[CB_X5T_TEXT];
    struct cb_buf subject CB_AUTO(cb_buf_done);
    cb_buf_init(&subject, CB_LIMIT_SUBJECT);
    cb_authority_print(a, &subject);
    (void)snprintf(days, sizeof days, "%lld", (long long)cb_days_left(a->not_after, now));
    cb_time_text(a->not_after, not_after);
    cb_x5t_text(&a->x5t, x5t);
    cb_table_add(t, (const struct cb_str[]){ cb_str_of(g->name), cb_str_of(g->profile),
                                             cb_str_of(g->revocation.check), cb_str_of(role), cb_str_of(days),
                                             cb_str_of(not_after), cb_str_of(x5t), cb_buf_str(&subject) });
}

static int print_table(struct cb_cli *cli, const struct cb_config *config,
                       const struct cb_trust_groups *trust)
{
    struct cb_table table;
    struct cb_err err = { 0 };
    const int64_t now = cb_clock_unix();
    cb_table_init(&table, &cli->arena, 8);
    cb_table_add(&table,
                 (const struct cb_str[]){ CB_STR("TRUST_GROUP"), CB_STR("PROFILE"), CB_STR("REVOCATION"),
                                          CB_STR("ROLE"), CB_STR("DAYS_LEFT"), CB_STR("NOT_AFTER"),
                                          CB_STR("X5T#S256"), CB_STR("SUBJECT") });
    for (size_t i = 0; i < cb_trust_groups_count(trust); i++) {
        const char *name = NULL;
        const struct cb_config_trust_group *g = &config->trust_groups[i];
        const struct cb_trust *t = cb_trust_groups_at(trust, i, &name);
        for (size_t k = 0; k < cb_trust_anchor_count(t); k++) {
            add_row(&table, g, "anchor", cb_trust_anchor_at(t, k), now);
        }
        for (size_t k = 0; k < cb_trust_intermediate_count(t); k++) {
            add_row(&table, g, "intermediate", cb_trust_intermediate_at(t, k), now);
        }
    }
    return CB_FAILED(cb_table_print(&table, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

static int run_list(struct cb_cli *cli, const void *given)
{
    const struct trust_args *args = given;
    CB_AUTO(auto_trust) struct cb_trust_groups *trust = NULL;
    struct cb_config *config = NULL;
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_cli_config(cli, args->config, &config, &err)) ||
        CB_FAILED(cb_trust_groups_load(config, &trust, &err))) {
        return cb_cli_fail(cli, &err);
    }
    return args->json ? print_json(cli, config, trust) : print_table(cli, config, trust);
}

static const struct cb_option list_options[] = { CB_OPTION_CONFIG(trust_args), CB_OPTION_JSON(trust_args) };

const struct cb_command cb_command_trust_list = {
    "trust list",
    "List the trust groups, what they demand and whom they trust",
    list_options,
    CB_COUNT(list_options),
    sizeof(struct trust_args),
    run_list,
    .more = "By the files as they are now, which a server takes up with its next reload. What it knows of\n"
            "revocation lists and responders, it tells by GET /admin/v1/trust-groups."
};
