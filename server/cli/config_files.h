/* The files that a configuration names, read as the server would read them. */
#ifndef CB_CLI_CONFIG_FILES_H
#define CB_CLI_CONFIG_FILES_H

#include "cli/cli.h"

/* Says on cli->err what is wrong with each of them; true: nothing. */
bool cb_cli_config_files(struct cb_cli *cli, const struct cb_config *c);

#endif
