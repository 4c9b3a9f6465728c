/* certbound dev: everything one needs to try certbound on one machine, then the server. */
#include "cli/demo/dev.h"

#include <sys/stat.h>

#include "app/serve.h"
#include "base/clock.h"
#include "cli/commands.h"

struct dev_args {
    const char *dir;
    const char *port;
};

bool cb_dev_port(const char *text, int *out)
{
    int value = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9' || value > CB_DEV_PORT_MAX) {
            return false;
        }
        value = value * 10 + (text[i] - '0');
    }
    *out = value;
    return value >= 1 && value <= CB_DEV_PORT_MAX;
}

static int run_dev(struct cb_cli *cli, const void *given)
{
    const struct dev_args *args = given;
    const char *dir = args->dir == NULL ? "certbound-dev" : args->dir;
    int port = 0;
    if (args->port != NULL && !cb_dev_port(args->port, &port)) {
        return cb_cli_usage(cli, "--port must be a number from 1 to %d", CB_DEV_PORT_MAX);
    }
    struct cb_dev_folder folder = { .port = 0 };
    struct cb_err err = { 0 };
    (void)umask(0077);
    if (CB_FAILED(cb_dev_prepare(&cli->arena, dir, port, cb_clock_unix(), &folder, &err))) {
        return cb_cli_fail(cli, &err);
    }
    (void)fprintf(cli->err, "certbound dev: %s %s\n", folder.fresh ? "made" : "using", dir);
    if (!folder.registered) {
        cb_dev_register(dir, folder.port, cli->err);
    }
    return cb_serve(folder.config, cli->out);
}

static const struct cb_option dev_options[] = {
    { "dir", "DIR", false, offsetof(struct dev_args, dir),
      "the folder to make, or to use again; certbound-dev by default" },
    { "port", "N", false, offsetof(struct dev_args, port),
      "metadata on N, mTLS on N+1, health on N+3; 8443 by default" },
};

const struct cb_command cb_command_dev = {
    "dev",
    "Make a demo PKI, configuration, store and two partners in a folder, then serve",
    dev_options,
    CB_COUNT(dev_options),
    sizeof(struct dev_args),
    run_dev,
    .more =
        "Partner B registers itself with a software statement of a demo directory, once the server answers;\n"
        "DIR/partner-b.registration is what it was told.\n"
        "Prints `ready` on standard output when it accepts connections. The tokens' resource is\n"
        "https://localhost:N+2, where the example resource server listens."
};
