/* Certificates for trying things out: made afresh, for one machine. Private to server/cli/demo/. */
#ifndef CB_CLI_DEV_PKI_H
#define CB_CLI_DEV_PKI_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct cb_dev_authority;

CB_MUST cb_dev_authority_new(int64_t now, struct cb_dev_authority **out, struct cb_err *err);
void cb_dev_authority_free(struct cb_dev_authority *a); /* NULL is fine */

/* Writes its certificate as FOLDER/ca.pem. Never over a file that is there, here as below. */
CB_MUST cb_dev_authority_write(const struct cb_dev_authority *a, int folder, struct cb_err *err);

enum cb_dev_role { CB_DEV_SERVER, CB_DEV_PARTNER };

/* Writes FOLDER/NAME.pem and FOLDER/NAME.key, an EC P-256 key and its certificate: for a server one for
 * localhost, 127.0.0.1 and ::1, for a partner one with the subject CN=NAME,O=... */
CB_MUST cb_dev_issue(const struct cb_dev_authority *a, enum cb_dev_role role, const char *name, int64_t now,
                     int folder, struct cb_err *err);

#endif
