/* What most commands begin with: the configuration, the store. */
#include "base/limits.h"
#include "cli/cli.h"

cb_status cb_cli_config(struct cb_cli *cli, const char *path, struct cb_config **out, struct cb_err *err)
{
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&problems, CB_LIMIT_CONFIG_FILE);
    const cb_status status = cb_config_load(&cli->arena, path, out, &problems, err);
    cb_cli_problems(cli, cb_buf_str(&problems));
    return status;
}

void cb_cli_store_close(struct cb_store **s)
{
    cb_store_close(*s);
}

cb_status cb_cli_store(const struct cb_config *config, struct cb_store **out, struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_TRY(cb_store_open(config->store, &store, err));
    CB_TRY(cb_store_check_schema(store, err));
    *out = CB_TAKE(store);
    return CB_OK;
}

cb_status cb_cli_store_at(struct cb_cli *cli, const char *config_path, struct cb_store **out,
                          struct cb_err *err)
{
    struct cb_config *config = NULL;
    CB_TRY(cb_cli_config(cli, config_path, &config, err));
    return cb_cli_store(config, out, err);
}
