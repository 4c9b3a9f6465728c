/* What a configuration file makes, read and checked as a whole: all that a reload replaces. */
#ifndef CB_SETTINGS_H
#define CB_SETTINGS_H

#include "config/config.h"
#include "oauth/snapshot.h"
#include "onboarding/directories.h"
#include "partner/registry.h"

/* Immutable but for its reference count. */
struct cb_settings {
    const struct cb_config *config;
    struct cb_trust_groups *trust;
    struct cb_directories *directories;
    struct cb_document *metadata; /* what the server says of itself */
};

/* Problems of the file go to `problems`, one a line. CB_E_CONFIG, CB_E_FILE, CB_E_MEMORY. */
CB_MUST cb_settings_load(const char *path, struct cb_settings **out, struct cb_buf *problems,
                         struct cb_err *err);
struct cb_settings *cb_settings_ref(struct cb_settings *s);
void cb_settings_unref(struct cb_settings *s); /* NULL is fine */

/* A name that cannot be read would lock its owner out without a word. CB_E_CONFIG. */
CB_MUST cb_administrators_check(struct cb_arena *arena, const struct cb_config *config, struct cb_err *err);

#endif
