/* An explanation as text. Private to server/cli/. */
#ifndef CB_CLI_EXPLAIN_TEXT_H
#define CB_CLI_EXPLAIN_TEXT_H

#include "cli/cli.h"
#include "partner/explain.h"

/* Returns the exit status. */
int cb_explanation_print(struct cb_cli *cli, const struct cb_explanation *e);

#endif
