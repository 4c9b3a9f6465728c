/* The PEM files that a configuration names: one, or a folder of them. */
#ifndef CB_PEM_TEXTS_H
#define CB_PEM_TEXTS_H

#include "base/arena.h"
#include "cert/trust.h"

/* Of a folder every file that ends in .pem or .crt, in order of their names; those that begin with a dot are
 * somebody's housekeeping. All together may have CB_LIMIT_PEM_FILE bytes. Lives in the arena. CB_E_FILE: a
 * file that cannot be read, or a folder without one. */
CB_MUST cb_pem_texts_read(struct cb_arena *a, const char *path, const struct cb_pem_text **out,
                          size_t *out_count, struct cb_err *err);

#endif
