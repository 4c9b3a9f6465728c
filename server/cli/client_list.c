/* certbound client list. */
#include "cli/commands.h"
#include "cli/listing.h"
#include "partner/client_json.h"

struct list_args {
    const char *config;
    const char *trust_group, *directory;
    bool enabled, disabled; /* only these */
    bool json;
};

static cb_status list_json(void *ctx, const struct cb_client_record *r, struct cb_err *err)
{
    struct cb_listing *l = ctx;
    cb_client_json(r, &l->json);
    return cb_buf_check(&l->text, err);
}

static cb_status list_row(void *ctx, const struct cb_client_record *r, struct cb_err *err)
{
    (void)err;
    struct cb_listing *l = ctx;
    cb_table_add(&l->table, (const struct cb_str[]){ r->client_id, r->client_name, r->auth_method,
                                                     r->trust_group, r->scope, cb_client_state(r) });
    return CB_OK;
}

static cb_status read_list(struct cb_cli *cli, const struct list_args *args, struct cb_listing *l,
                           struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    const struct cb_client_page all = { .trust_group = cb_str_of(args->trust_group),
                                        .directory = cb_str_of(args->directory),
                                        .enabled = args->enabled    ? CB_ONLY_ENABLED
                                                   : args->disabled ? CB_ONLY_DISABLED
                                                                    : CB_EITHER,
                                        .limit = INT64_MAX };
    CB_TRY(cb_cli_store_at(cli, args->config, &store, err));
    return cb_store_client_page(store, &all, l->as_json ? list_json : list_row, l, err);
}

static int run_list(struct cb_cli *cli, const void *given)
{
    const struct list_args *args = given;
    struct cb_listing l CB_AUTO(cb_listing_done);
    struct cb_err err = { 0 };
    CB_LISTING_BEGIN(&l, cli, args->json, "clients", CB_STR("CLIENT_ID"), CB_STR("NAME"), CB_STR("METHOD"),
                     CB_STR("TRUST_GROUP"), CB_STR("SCOPE"), CB_STR("STATE"));
    if (args->enabled && args->disabled) {
        return cb_cli_usage(cli, "--enabled and --disabled leave nobody; give one of them");
    }
    return cb_listing_end(&l, read_list(cli, args, &l, &err), &err);
}

static const struct cb_option options[] = {
    CB_OPTION_CONFIG(list_args),
    { "trust-group", "NAME", false, offsetof(struct list_args, trust_group), "only of this group" },
    { "directory", "NAME", false, offsetof(struct list_args, directory), "only those that it vouched for" },
    { "enabled", NULL, false, offsetof(struct list_args, enabled), "only those that are enabled" },
    { "disabled", NULL, false, offsetof(struct list_args, disabled), "only those that are not" },
    CB_OPTION_JSON(list_args),
};

const struct cb_command cb_command_client_list = { "client list",     "List the clients",       options,
                                                   CB_COUNT(options), sizeof(struct list_args), run_list,
                                                   .more = NULL };
