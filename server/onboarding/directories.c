#include "onboarding/directories.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"

struct cb_directories {
    atomic_size_t references;
    const struct cb_config *config;
    struct cb_key_set *keys[]; /* as many as the configuration has directories; NULL: remote */
};

struct cb_directories *cb_directories_ref(struct cb_directories *d)
{
    atomic_fetch_add_explicit(&d->references, 1, memory_order_relaxed);
    return d;
}

void cb_directories_unref(struct cb_directories *d)
{
    if (d == NULL || atomic_fetch_sub_explicit(&d->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < d->config->directory_count; i++) {
        cb_key_set_unref(d->keys[i]);
    }
    free(d);
}

static void auto_unref(struct cb_directories **d)
{
    cb_directories_unref(*d);
}

bool cb_directory_is_remote(const struct cb_config_directory *d)
{
    return cb_str_starts(cb_str_of(d->jwks), CB_STR("https://"));
}

static cb_status load_keys(const struct cb_config_directory *d, struct cb_key_set **out, struct cb_err *err)
{
    struct cb_arena arena CB_AUTO(cb_arena_done);
    struct cb_err why = { 0 };
    struct cb_str text = { 0 };
    cb_arena_init(&arena, 2 * CB_LIMIT_JWK_SET);
    if (!CB_FAILED(cb_file_read(&arena, d->jwks, CB_LIMIT_JWK_SET, &text, &why)) &&
        !CB_FAILED(cb_key_set_parse(text, out, &why))) {
        return CB_OK;
    }
    const bool file = why.code == CB_E_FILE || why.code == CB_E_MEMORY;
    CB_REFUSE(file ? why.code : CB_E_CONFIG, "directory %.64s: %.140s", d->name, why.detail);
}

cb_status cb_directories_load(const struct cb_config *config, struct cb_directories **out, struct cb_err *err)
{
    CB_AUTO(auto_unref)
    struct cb_directories *d = calloc(1, sizeof *d + config->directory_count * sizeof(struct cb_key_set *));
    CB_ENSURE(d != NULL, CB_E_MEMORY, "directories");
    atomic_init(&d->references, 1);
    d->config = config;
    for (size_t i = 0; i < config->directory_count; i++) {
        if (!cb_directory_is_remote(&config->directories[i])) {
            CB_TRY(load_keys(&config->directories[i], &d->keys[i], err));
        }
    }
    *out = CB_TAKE(d);
    return CB_OK;
}

struct cb_key_set *cb_directories_keys(const struct cb_directories *d, const struct cb_config_directory *of)
{
    return d->keys[of - d->config->directories];
}
