/* The directories of the configuration with those of their keys that are in files. */
#ifndef CB_DIRECTORIES_H
#define CB_DIRECTORIES_H

#include "config/config.h"
#include "onboarding/key_set.h"

/* Immutable, reference counted. */
struct cb_directories;

/* CB_E_FILE, CB_E_CONFIG: the detail names the directory. The configuration must outlive it. */
CB_MUST cb_directories_load(const struct cb_config *config, struct cb_directories **out, struct cb_err *err);
struct cb_directories *cb_directories_ref(struct cb_directories *d);
void cb_directories_unref(struct cb_directories *d); /* NULL is fine */

/* NULL: they are at the URL that the configuration names. */
struct cb_key_set *cb_directories_keys(const struct cb_directories *d, const struct cb_config_directory *of);

/* Does the configuration name a URL, not a file? */
bool cb_directory_is_remote(const struct cb_config_directory *d);

#endif
