#include <stdatomic.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "partner/registry.h"

struct group {
    char *name;
    struct cb_trust *trust;
};

struct cb_trust_groups {
    atomic_size_t references;
    size_t count;
    struct group groups[];
};

static void auto_groups(struct cb_trust_groups **t)
{
    cb_trust_groups_unref(*t);
}

static cb_status load(const struct cb_config_trust_group *from, struct group *out, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    cb_arena_init(&a, 2 * CB_LIMIT_PEM_FILE);
    struct cb_str pem = { 0 };
    struct cb_err why = { 0 };
    CB_TRY(cb_file_read(&a, from->anchors, CB_LIMIT_PEM_FILE, &pem, err));
    CB_ENSURE(!CB_FAILED(cb_trust_new(pem, &out->trust, &why)), why.code, "trust group %.60s: %.140s",
              from->name, why.detail);
    out->name = strdup(from->name);
    CB_ENSURE(out->name != NULL, CB_E_MEMORY, "trust group");
    return CB_OK;
}

cb_status cb_trust_groups_load(const struct cb_config *config, struct cb_trust_groups **out,
                               struct cb_err *err)
{
    const size_t n = config->trust_group_count;
    CB_AUTO(auto_groups) struct cb_trust_groups *t = calloc(1, sizeof *t + n * sizeof t->groups[0]);
    CB_ENSURE(t != NULL, CB_E_MEMORY, "trust groups");
    atomic_init(&t->references, 1);
    t->count = n;
    for (size_t i = 0; i < n; i++) {
        CB_TRY(load(&config->trust_groups[i], &t->groups[i], err));
    }
    *out = CB_TAKE(t);
    return CB_OK;
}

struct cb_trust_groups *cb_trust_groups_ref(struct cb_trust_groups *t)
{
    atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
    return t;
}

void cb_trust_groups_unref(struct cb_trust_groups *t)
{
    if (t == NULL || atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < t->count; i++) {
        cb_trust_free(t->groups[i].trust);
        free(t->groups[i].name);
    }
    free(t);
}

const struct cb_trust *cb_trust_groups_find(const struct cb_trust_groups *t, struct cb_str name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (cb_str_is(name, t->groups[i].name)) {
            return t->groups[i].trust;
        }
    }
    return NULL;
}
