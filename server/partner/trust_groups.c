#include <stdatomic.h>
#include <stdlib.h>

#include "base/limits.h"
#include "partner/pem_texts.h"
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

static cb_status load(const struct cb_config_trust_group *from, struct cb_arena *a, struct cb_trust **out,
                      struct cb_err *err)
{
    struct cb_trust_options o = {
        .depth = from->depth,
        .extended_key_usage = from->extended_key_usage,
        .extended_key_usage_count = from->extended_key_usage_count,
        .min_rsa_bits = from->min_rsa_bits,
        .min_ec_bits = from->min_ec_bits,
        .signature_algorithms = from->signature_algorithms,
        .signature_algorithm_count = from->signature_algorithm_count,
        .max_validity_s = from->max_validity_s,
    };
    CB_TRY(cb_pem_texts_read(a, from->anchors, &o.anchors, &o.anchor_count, err));
    if (from->intermediates != NULL) {
        CB_TRY(cb_pem_texts_read(a, from->intermediates, &o.intermediates, &o.intermediate_count, err));
    }
    return cb_trust_new(&o, out, err);
}

cb_status cb_trust_group_load(const struct cb_config_trust_group *from, struct cb_trust **out,
                              struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    cb_arena_init(&a, 4 * CB_LIMIT_PEM_FILE);
    struct cb_err why = { 0 };
    CB_ENSURE(!CB_FAILED(load(from, &a, out, &why)), why.code, "trust group %.60s: %.140s", from->name,
              why.detail);
    return CB_OK;
}

static cb_status load_named(const struct cb_config_trust_group *from, struct group *out, struct cb_err *err)
{
    out->name = strdup(from->name);
    CB_ENSURE(out->name != NULL, CB_E_MEMORY, "trust group");
    return cb_trust_group_load(from, &out->trust, err);
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
        CB_TRY(load_named(&config->trust_groups[i], &t->groups[i], err));
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

size_t cb_trust_groups_count(const struct cb_trust_groups *t)
{
    return t->count;
}

const struct cb_trust *cb_trust_groups_at(const struct cb_trust_groups *t, size_t i, const char **out_name)
{
    *out_name = t->groups[i].name;
    return t->groups[i].trust;
}
