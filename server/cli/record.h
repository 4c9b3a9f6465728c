/* A stored client as the command line shows it. Private to server/cli/. */
#ifndef CB_CLI_RECORD_H
#define CB_CLI_RECORD_H

#include "base/json_out.h"
#include "cli/cli.h"

/* One JSON object, in the words of RFC 7591 and RFC 8705. */
void cb_record_json(const struct cb_client_record *r, struct cb_json_out *j);

/* "name  value" lines, or the object. Returns the exit status. */
int cb_record_print(struct cb_cli *cli, const struct cb_client_record *r, bool json);

#endif
