#include "app/settings.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cert/name.h"
#include "oauth/metadata.h"

/* The settings with their owner's side. */
struct held_settings {
    struct cb_settings public; /* first, so that the two pointers are the same */
    atomic_size_t references;
    struct cb_arena arena;
};

static struct held_settings *held(struct cb_settings *s)
{
    return (struct held_settings *)s;
}

void cb_settings_unref(struct cb_settings *s)
{
    if (s == NULL || atomic_fetch_sub_explicit(&held(s)->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cb_document_unref(s->metadata);
    cb_trust_groups_unref(s->trust);
    cb_directories_unref(s->directories);
    cb_arena_done(&held(s)->arena);
    free(held(s));
}

static void auto_settings(struct cb_settings **s)
{
    cb_settings_unref(*s);
}

struct cb_settings *cb_settings_ref(struct cb_settings *s)
{
    atomic_fetch_add_explicit(&held(s)->references, 1, memory_order_relaxed);
    return s;
}

cb_status cb_administrators_check(struct cb_arena *arena, const struct cb_config *config, struct cb_err *err)
{
    for (size_t i = 0; i < config->administrator_count; i++) {
        const struct cb_name *name = NULL;
        struct cb_err why = { 0 };
        CB_ENSURE(
            !CB_FAILED(cb_name_from_text(arena, cb_str_of(config->administrators[i].subject), &name, &why)),
            CB_E_CONFIG, "administrators[].subject, entry %zu: %.160s", i + 1, why.detail);
    }
    return CB_OK;
}

cb_status cb_settings_load(const char *path, struct cb_settings **out, struct cb_buf *problems,
                           struct cb_err *err)
{
    struct held_settings *h = calloc(1, sizeof *h);
    CB_ENSURE(h != NULL, CB_E_MEMORY, "settings");
    CB_AUTO(auto_settings) struct cb_settings *s = &h->public;
    struct cb_config *config = NULL;
    atomic_init(&h->references, 1);
    cb_arena_init(&h->arena, 16 * CB_MIB);
    CB_TRY(cb_config_load(&h->arena, path, &config, problems, err));
    CB_TRY(cb_administrators_check(&h->arena, config, err));
    s->config = config;
    CB_TRY(cb_trust_groups_load(config, &s->trust, err));
    CB_TRY(cb_directories_load(config, &s->directories, err));
    CB_TRY(cb_metadata_document(config, &s->metadata, err));
    *out = CB_TAKE(s);
    return CB_OK;
}
