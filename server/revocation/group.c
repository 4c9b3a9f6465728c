#include "revocation/group.h"

#include <stdlib.h>

/* --- making --- */

static void auto_groups(struct cb_followed_groups **g)
{
    cb_followed_free(*g);
}

static cb_status add_source(struct cb_followed *g, const char *location, bool discovered, struct cb_err *err)
{
    struct cb_source *s = cb_source_new(location, discovered, g->cache, g->name);
    CB_ENSURE(s != NULL, CB_E_MEMORY, "revocation source");
    g->sources[g->source_count++] = s;
    return CB_OK;
}

static cb_status follow(const struct cb_config_trust_group *from, const struct cb_trust *trust, int64_t now,
                        struct cb_followed *g, struct cb_err *err)
{
    const struct cb_config_revocation *r = &from->revocation;
    const struct cb_str check = cb_str_of(r->check);
    g->since = now;
    g->by_lists = !cb_str_is(check, "ocsp");
    g->by_asking = !cb_str_is(check, "crl");
    g->distribution_points = r->distribution_points;
    g->trust = trust;
    g->name = strdup(from->name);
    g->responder = r->ocsp_responder == NULL ? NULL : strdup(r->ocsp_responder);
    CB_ENSURE(g->name != NULL && (r->ocsp_responder == NULL || g->responder != NULL), CB_E_MEMORY,
              "revocation policy");
    for (size_t i = 0; i < r->crl_count && i < CB_GROUP_SOURCES; i++) {
        CB_TRY(add_source(g, r->crls[i], false, err));
    }
    return CB_OK;
}

cb_status cb_followed_new(const struct cb_config *config, struct cb_trust_groups *trust,
                          const struct cb_crl_cache *cache, int64_t now, struct cb_followed_groups **out,
                          struct cb_err *err)
{
    CB_AUTO(auto_groups)
    struct cb_followed_groups *g = calloc(1, sizeof *g + config->trust_group_count * sizeof g->all[0]);
    CB_ENSURE(g != NULL, CB_E_MEMORY, "revocation policy");
    g->trust = cb_trust_groups_ref(trust);
    for (size_t i = 0; i < config->trust_group_count; i++) {
        const struct cb_config_trust_group *from = &config->trust_groups[i];
        const struct cb_trust *of = cb_trust_groups_find(trust, cb_str_of(from->name));
        if (of != NULL && !cb_str_is(cb_str_of(from->revocation.check), "off")) {
            g->all[g->count].cache = cache;
            CB_TRY(follow(from, of, now, &g->all[g->count++], err));
        }
    }
    *out = CB_TAKE(g);
    return CB_OK;
}

static void followed_done(struct cb_followed *g)
{
    for (size_t i = 0; i < g->source_count; i++) {
        cb_source_free(g->sources[i]);
    }
    for (size_t i = 0; i < g->learnt_count; i++) {
        cb_authority_unref(g->learnt[i]);
    }
    free(g->name);
    free(g->responder);
}

void cb_followed_free(struct cb_followed_groups *g)
{
    if (g == NULL) {
        return;
    }
    for (size_t i = 0; i < g->count; i++) {
        followed_done(&g->all[i]);
    }
    cb_trust_groups_unref(g->trust);
    free(g);
}

/* --- taking over --- */

static struct cb_source **place_of(struct cb_followed *g, const char *location)
{
    for (size_t i = 0; i < g->source_count; i++) {
        if (cb_str_is(cb_str_of(location), g->sources[i]->location)) {
            return &g->sources[i];
        }
    }
    return NULL;
}

/* The source with its list instead of the new one; one that failed is tried again, for the CAs may differ. */
static void take_over_source(struct cb_followed *fresh, struct cb_source **old)
{
    struct cb_source **place = place_of(fresh, (*old)->location);
    if (place != NULL) {
        (*old)->discovered = (*place)->discovered;
        cb_source_free(*place);
        *place = *old;
        *old = NULL;
    } else if ((*old)->discovered && fresh->distribution_points && fresh->source_count < CB_GROUP_SOURCES) {
        fresh->sources[fresh->source_count++] = *old;
        *old = NULL;
    }
}

static void take_over(struct cb_followed *fresh, struct cb_followed *old)
{
    fresh->since = old->since;
    fresh->stale_said_ms = old->stale_said_ms;
    for (size_t i = 0; i < old->source_count; i++) {
        take_over_source(fresh, &old->sources[i]);
    }
    for (size_t i = 0; i < fresh->source_count; i++) {
        fresh->sources[i]->again = fresh->sources[i]->failure != CB_E_NONE;
    }
    memcpy(fresh->learnt, old->learnt, sizeof fresh->learnt);
    fresh->learnt_count = old->learnt_count;
    old->learnt_count = 0;
}

void cb_followed_take_over(struct cb_followed_groups *fresh, struct cb_followed_groups *old)
{
    for (size_t i = 0; i < fresh->count; i++) {
        struct cb_followed *same = cb_followed_named(old, fresh->all[i].name);
        if (same != NULL) {
            take_over(&fresh->all[i], same);
        }
    }
}

/* --- finding --- */

struct cb_followed *cb_followed_named(struct cb_followed_groups *g, const char *name)
{
    for (size_t i = 0; i < g->count; i++) {
        if (cb_str_is(cb_str_of(name), g->all[i].name)) {
            return &g->all[i];
        }
    }
    return NULL;
}

struct cb_source *cb_followed_source(struct cb_followed_groups *g, uint64_t id, struct cb_followed **out)
{
    for (size_t i = 0; i < g->count; i++) {
        for (size_t k = 0; k < g->all[i].source_count; k++) {
            if (g->all[i].sources[k]->id == id) {
                *out = &g->all[i];
                return g->all[i].sources[k];
            }
        }
    }
    return NULL;
}

static bool is_on(const struct cb_crl *list, const struct cb_key_hash *issuer, struct cb_str serial)
{
    struct cb_crl_entry entry = { .reason = NULL };
    return list != NULL && cb_key_hash_eq(&cb_crl_facts(list)->issuer_key, issuer) &&
           cb_crl_has(list, serial, &entry);
}

bool cb_followed_has_revoked(const struct cb_followed *g, const struct cb_key_hash *issuer,
                             struct cb_str serial)
{
    for (size_t i = 0; i < g->source_count; i++) {
        const struct cb_source *s = g->sources[i];
        bool found = is_on(s->list, issuer, serial);
        for (size_t k = 0; k < s->aside_count && !found; k++) {
            found = is_on(s->aside[k], issuer, serial);
        }
        if (found) {
            return true;
        }
    }
    return false;
}

/* --- what requests bring --- */

void cb_followed_discover(struct cb_followed *g, struct cb_str url)
{
    char *location = strndup(url.p, url.n);
    if (location != NULL && place_of(g, location) == NULL && g->source_count < CB_GROUP_SOURCES) {
        (void)add_source(g, location, true, NULL).v_; /* without memory it comes again */
    }
    free(location);
}

static bool is_learnt(const struct cb_followed *g, const struct cb_authority *ca)
{
    for (size_t i = 0; i < g->learnt_count; i++) {
        if (cb_key_hash_eq(&g->learnt[i]->key, &ca->key)) {
            return true;
        }
    }
    return false;
}

void cb_followed_learn(struct cb_followed *g, const struct cb_trust_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        struct cb_authority *ca = path->links[i].issuer;
        if (cb_trust_find(g->trust, &ca->key) != NULL || is_learnt(g, ca) ||
            g->learnt_count == CB_GROUP_LEARNT) {
            continue;
        }
        g->learnt[g->learnt_count++] = cb_authority_ref(ca);
        for (size_t k = 0; k < g->source_count; k++) {
            struct cb_source *s = g->sources[k];
            s->again |= s->failure == CB_E_CRL_ISSUER_UNKNOWN;
            s->copy = s->copy == CB_COPY_OF_STRANGER ? CB_COPY_UNREAD : s->copy;
        }
    }
}

static void give(struct cb_job *j, const struct cb_authority *ca)
{
    j->cas[j->ca_count++] = cb_authority_ref((struct cb_authority *)(uintptr_t)ca); /* counted, not changed */
}

bool cb_followed_give_cas(const struct cb_followed *g, struct cb_job *j)
{
    const size_t anchors = cb_trust_anchor_count(g->trust);
    const size_t intermediates = cb_trust_intermediate_count(g->trust);
    j->cas = calloc(anchors + intermediates + g->learnt_count, sizeof(struct cb_authority *));
    if (j->cas == NULL) {
        return false;
    }
    for (size_t i = 0; i < anchors; i++) {
        give(j, cb_trust_anchor_at(g->trust, i));
    }
    for (size_t i = 0; i < intermediates; i++) {
        give(j, cb_trust_intermediate_at(g->trust, i));
    }
    for (size_t i = 0; i < g->learnt_count; i++) {
        give(j, g->learnt[i]);
    }
    return true;
}
