/* Private to server/cli/. */
#ifndef CB_CLI_SUBJECT_H
#define CB_CLI_SUBJECT_H

#include "base/arena.h"
#include "base/err.h"

/* The subject name of the first certificate of a PEM file, as one would register it. */
CB_MUST cb_subject_of_file(struct cb_arena *a, const char *path, struct cb_str *out, struct cb_err *err);

#endif
