#include "base/limits.h"
#include "cli/commands.h"
#include "cli/config_files.h"

/* --- config check --- */

struct check_args {
    const char *config;
};

static void print_warnings(struct cb_cli *cli, const struct cb_config *config)
{
    struct cb_buf warnings CB_AUTO(cb_buf_done);
    struct cb_str line;
    cb_buf_init(&warnings, CB_MIB);
    cb_config_warnings(config, &warnings);
    for (struct cb_str rest = cb_buf_str(&warnings); warnings.n > 0 && cb_str_next(&rest, '\n', &line);) {
        if (line.n > 0) {
            (void)fprintf(cli->err, "warning: " CB_STR_FMT "\n", CB_STR_ARG(line));
        }
    }
}

static int run_check(struct cb_cli *cli, const void *given)
{
    const struct check_args *args = given;
    struct cb_config *config = NULL;
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_cli_config(cli, args->config, &config, &err))) {
        return cb_cli_fail(cli, &err);
    }
    if (!cb_cli_config_files(cli, config)) {
        return CB_EXIT_REFUSED;
    }
    print_warnings(cli, config);
    (void)fprintf(cli->out, "%s is good, and so are the files it names\n", args->config);
    return CB_EXIT_OK;
}

static const struct cb_option check_options[] = { CB_OPTION_CONFIG(check_args) };

const struct cb_command cb_command_config_check = {
    "config check",
    "Say everything that is wrong with a configuration and the files it names",
    check_options,
    CB_COUNT(check_options),
    sizeof(struct check_args),
    run_check,
    .more = NULL
};

/* --- config print --- */

struct print_args {
    const char *config;
    bool json;
    bool reference;
};

static int print_reference(struct cb_cli *cli)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_LIMIT_CONFIG_FILE);
    cb_config_print_reference(&text);
    return cb_cli_print(cli, &text);
}

static int run_print(struct cb_cli *cli, const void *given)
{
    const struct print_args *args = given;
    if (args->reference) {
        return print_reference(cli);
    }
    if (args->config == NULL) {
        return cb_cli_usage(cli, "--config is missing");
    }
    struct cb_config *config = NULL;
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_cli_config(cli, args->config, &config, &err))) {
        return cb_cli_fail(cli, &err);
    }
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, 16 * CB_LIMIT_CONFIG_FILE);
    cb_config_print(config, args->json, &text);
    return cb_cli_print(cli, &text);
}

static const struct cb_option print_options[] = {
    { "config", "FILE", false, offsetof(struct print_args, config), "the configuration" },
    CB_OPTION_JSON(print_args),
    { "reference", NULL, false, offsetof(struct print_args, reference),
      "print the table of all keys instead, as docs/configuration.md has it" },
};

const struct cb_command cb_command_config_print = {
    "config print",
    "Show the configuration in force, defaults included, passwords as ***",
    print_options,
    CB_COUNT(print_options),
    sizeof(struct print_args),
    run_print,
    .more = NULL
};
