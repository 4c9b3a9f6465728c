/* What a verifier checks against: one immutable, reference counted set of settings, replaced as a whole. */
#ifndef CB_SETTINGS_H
#define CB_SETTINGS_H

#include <stdint.h>

#include "verifier/keyset.h"

struct cb_settings {
    uint64_t generation; /* counts the replacements */
    int64_t skew;
    struct cb_str issuer;   /* empty: not set */
    struct cb_str audience; /* empty: not set */
    struct cb_keyset *keys; /* NULL: not set */
};

/* A copy, strings included, with one reference of its own. NULL when memory is used up. */
struct cb_settings *cb_settings_new(const struct cb_settings *of);

struct cb_settings *cb_settings_ref(struct cb_settings *s);
void cb_settings_unref(struct cb_settings *s); /* NULL is fine */

#endif
