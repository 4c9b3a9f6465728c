#ifndef CB_FILE_H
#define CB_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* Reads a whole regular file of at most max bytes into the arena, with a NUL behind. Errors: CB_E_FILE. */
CB_MUST cb_file_read(struct cb_arena *a, const char *path, size_t max, struct cb_str *out,
                     struct cb_err *err);

/* The same for a secret: the file must belong to root or to us, and give group and others nothing (mode 0600
 * or 0400), except that root's file may be readable by our group (0640). Errors: CB_E_FILE, CB_E_SECRET_FILE.
 */
CB_MUST cb_file_read_secret(struct cb_arena *a, const char *path, size_t max, struct cb_str *out,
                            struct cb_err *err);

/* Writes a new file with this mode into an open folder, and to the disk; never over what is there, nor
 * through a link. Errors: CB_E_FILE. */
CB_MUST cb_file_create(int folder, const char *name, unsigned mode, struct cb_str bytes, struct cb_err *err);

/* Puts a file of mode 0600 in the place of what is there, whole or not at all, also if the machine stops.
 * Errors: CB_E_FILE. */
CB_MUST cb_file_replace(const char *path, struct cb_str bytes, struct cb_err *err);

/* The name of a file that a cb_file_replace has left half-way contains this. */
#define CB_FILE_UNFINISHED ".unfinished-"

#endif
