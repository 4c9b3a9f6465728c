/* Private to server/cli/. */
#ifndef CB_CLI_CERT_FILE_H
#define CB_CLI_CERT_FILE_H

#include "cert/cert.h"

/* The first certificate of a PEM file. */
CB_MUST cb_cert_of_file(struct cb_arena *a, const char *path, struct cb_cert *out, struct cb_err *err);

#endif
