/* A stored client as the command line shows it. Private to server/cli/. */
#ifndef CB_CLI_RECORD_H
#define CB_CLI_RECORD_H

#include "cli/cli.h"
#include "store/store.h"

/* "name  value" lines, or the object. Returns the exit status. */
int cb_record_print(struct cb_cli *cli, const struct cb_client_record *r, bool json);

#endif
