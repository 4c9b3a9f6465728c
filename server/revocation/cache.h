/* A folder with the lists that were fetched, so that a restart does not have to wait for others. Nothing in
 * it is secret, and nothing in it is believed: a list is verified again when it is read. */
#ifndef CB_REVOCATION_CACHE_H
#define CB_REVOCATION_CACHE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* Thread-safe. */
struct cb_crl_cache;

/* Makes the folder, with mode 0700, if there is none. What was not fetched for a month is removed. All files
 * together hold max_bytes at most. CB_E_FILE: no folder, or not one to write to. CB_E_MEMORY. */
CB_MUST cb_crl_cache_open(const char *folder, uint64_t max_bytes, int64_t now, struct cb_crl_cache **out,
                          struct cb_err *err);
void cb_crl_cache_close(struct cb_crl_cache *c); /* NULL is fine */

/* The path of the list that a group has from a URL, whether it is there or not. Heap; NULL: memory, or no
 * cache. */
char *cb_crl_cache_path(const struct cb_crl_cache *c, const char *group, const char *url);

/* The file's bytes; out->p stays NULL when there is none. CB_E_FILE. */
CB_MUST cb_crl_cache_get(struct cb_arena *a, const char *path, struct cb_str *out, struct cb_err *err);

/* The list was fetched and is good. `known`: it is the one that is there already. CB_E_FILE: it is not kept.
 */
CB_MUST cb_crl_cache_put(struct cb_crl_cache *c, const char *path, struct cb_str bytes, bool known,
                         struct cb_err *err);

#endif
