#include "app/serve.h"

#include "cli/commands.h"

struct serve_args {
    const char *config;
};

static int run_serve(struct cb_cli *cli, const void *given)
{
    (void)cli;
    const struct serve_args *args = given;
    return cb_serve(args->config, NULL);
}

static const struct cb_option serve_options[] = { CB_OPTION_CONFIG(serve_args) };

const struct cb_command cb_command_serve = {
    "serve",
    "Run the server until SIGTERM; SIGHUP reloads configuration, certificates and trust",
    serve_options,
    CB_COUNT(serve_options),
    sizeof(struct serve_args),
    run_serve,
    .more = NULL
};
