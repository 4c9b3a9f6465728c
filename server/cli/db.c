#include "base/clock.h"
#include "base/json_out.h"
#include "cli/commands.h"

struct db_args {
    const char *config;
    bool json;
};

static cb_status open_store(struct cb_cli *cli, const char *path, struct cb_store **out, struct cb_err *err)
{
    struct cb_config *config = NULL;
    CB_TRY(cb_cli_config(cli, path, &config, err));
    return cb_store_open(config->store, out, err);
}

static void print_status(struct cb_cli *cli, const struct cb_store *store, const struct cb_schema_status *s,
                         bool json)
{
    const char *state = s->applied == s->known ? "current" : s->applied < s->known ? "behind" : "ahead";
    if (!json) {
        (void)fprintf(cli->out, "%s: schema %d, this program's is %d: %s\n", cb_store_name(store), s->applied,
                      s->known, state);
        return;
    }
    char memory[256];
    struct cb_buf text;
    cb_buf_over(&text, memory, sizeof memory);
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "store", cb_store_name(store));
    cb_json_put_int(&j, "applied", s->applied);
    cb_json_put_int(&j, "known", s->known);
    cb_json_put_cstr(&j, "state", state);
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    (void)cb_cli_print(cli, &text);
}

static int run_migrate(struct cb_cli *cli, const void *given)
{
    const struct db_args *args = given;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_schema_status status = { 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(open_store(cli, args->config, &store, &err)) ||
        CB_FAILED(cb_store_migrate(store, cb_clock_unix(), &err)) ||
        CB_FAILED(cb_store_schema_status(store, &status, &err))) {
        return cb_cli_fail(cli, &err);
    }
    print_status(cli, store, &status, args->json);
    return CB_EXIT_OK;
}

static int run_status(struct cb_cli *cli, const void *given)
{
    const struct db_args *args = given;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_schema_status status = { 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(open_store(cli, args->config, &store, &err)) ||
        CB_FAILED(cb_store_schema_status(store, &status, &err))) {
        return cb_cli_fail(cli, &err);
    }
    print_status(cli, store, &status, args->json);
    return CB_FAILED(cb_store_check_schema(store, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

static const struct cb_option db_options[] = { CB_OPTION_CONFIG(db_args), CB_OPTION_JSON(db_args) };

const struct cb_command cb_command_db_migrate = {
    "db migrate",
    "Bring the store's schema to that of this program",
    db_options,
    CB_COUNT(db_options),
    sizeof(struct db_args),
    run_migrate,
    .more = "Safe to run at any time and from several nodes at once: one applies, the others wait."
};

const struct cb_command cb_command_db_status = { "db status",
                                                 "Compare the store's schema with that of this program",
                                                 db_options,
                                                 CB_COUNT(db_options),
                                                 sizeof(struct db_args),
                                                 run_status,
                                                 .more = "Exit status 1 when they differ." };
