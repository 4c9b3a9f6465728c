/* From the table of options: parsing and help. Private to server/cli/. */
#ifndef CB_CLI_OPTIONS_H
#define CB_CLI_OPTIONS_H

#include "cli/cli.h"

/* Fills args. *out_help: --help was among them, and nothing else matters. */
int cb_options_parse(struct cb_cli *cli, int argc, char **argv, void *args, bool *out_help);

bool cb_option_is_help(const char *word);
bool cb_option_is_operand(const struct cb_option *o);

void cb_help_command(const struct cb_command *c, FILE *out);
void cb_help_commands(const struct cb_command *const *commands, size_t count, const char *group, FILE *out);

#endif
