/* What is held now as a view that requests look at, and the lines in the log about it. */
#include "base/clock.h"
#include "revocation/parts.h"

enum { RESPONDERS_TOLD = 128 };

static bool fill_list(struct cb_revocation_view *v, const struct cb_source *s, struct cb_view_list *l)
{
    l->location = cb_arena_cstr(&v->arena, cb_str_of(s->location));
    l->crl = s->list == NULL ? NULL : cb_crl_ref(s->list);
    l->loaded_at = s->loaded_at;
    l->failure = s->failure;
    l->aside =
        s->aside_count == 0 ? NULL : cb_arena_array(&v->arena, s->aside_count, sizeof(struct cb_crl *));
    for (; l->aside != NULL && l->aside_count < s->aside_count; l->aside_count++) {
        l->aside[l->aside_count] = cb_crl_ref(s->aside[l->aside_count]);
    }
    return l->location != NULL && l->aside_count == s->aside_count;
}

static bool fill_group(struct cb_revocation_view *v, const struct cb_followed *g, struct cb_view_group *out)
{
    *out = (struct cb_view_group){
        .name = cb_arena_cstr(&v->arena, cb_str_of(g->name)),
        .since = g->since,
        .first = v->list_count,
        .count = g->source_count,
    };
    for (size_t i = 0; i < g->source_count; i++) {
        if (!fill_list(v, g->sources[i], &v->lists[v->list_count++])) {
            return false;
        }
    }
    return out->name != NULL;
}

static bool fill(struct cb_revocation_view *v, const struct cb_followed_groups *from, size_t lists)
{
    struct cb_view_group *groups = cb_arena_array(&v->arena, from->count, sizeof *groups);
    v->lists = cb_arena_array(&v->arena, lists, sizeof *v->lists);
    if (groups == NULL || v->lists == NULL) {
        return false;
    }
    v->groups = groups;
    for (size_t i = 0; i < from->count; i++, v->group_count++) {
        if (!fill_group(v, &from->all[i], &groups[i])) {
            return false;
        }
    }
    return true;
}

static bool fill_responders(struct cb_revocation_view *v, const struct cb_revocation_responder *from,
                            size_t count)
{
    v->responders = cb_arena_array(&v->arena, count, sizeof *v->responders);
    if (v->responders == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct cb_revocation_responder *r = &v->responders[v->responder_count++];
        *r = from[i];
        r->group = cb_arena_cstr(&v->arena, cb_str_of(from[i].group));
        r->origin = cb_arena_cstr(&v->arena, cb_str_of(from[i].origin));
        if (r->group == NULL || r->origin == NULL) {
            return false;
        }
    }
    return true;
}

static struct cb_revocation_view *view_of(const struct cb_revocation *r)
{
    size_t lists = 0;
    for (size_t i = 0; i < r->groups->count; i++) {
        lists += r->groups->all[i].source_count;
    }
    struct cb_revocation_responder responders[RESPONDERS_TOLD];
    const size_t responder_count = cb_asked_responders(r->asked, responders, RESPONDERS_TOLD);
    struct cb_answers *answers = cb_asked_answers(r->asked);
    struct cb_revocation_view *v = answers == NULL ? NULL
                                                   : cb_view_new(cb_desk_ref(r->desk), answers,
                                                                 r->groups->count, lists, responder_count);
    if (v != NULL && !(fill(v, r->groups, lists) && fill_responders(v, responders, responder_count))) {
        cb_revocation_view_unref(v);
        return NULL;
    }
    return v;
}

static void say_loaded(const struct cb_revocation *r, const struct cb_followed *g, struct cb_source *s,
                       uint64_t generation)
{
    const struct cb_crl_facts *f = cb_crl_facts(s->list);
    char next[CB_TIME_TEXT];
    cb_time_text(f->next_update, next);
    CB_LOG(r->o.log, CB_EV_CRL_LOADED, NULL, CB_F_CSTR("trust_group", g->name),
           CB_F_CSTR("location", s->location), CB_F_CSTR("number", f->number),
           CB_F_INT("entries", f->entries), CB_F_CSTR("next_update", next),
           CB_F_INT("microseconds", s->microseconds), CB_F_INT("generation", generation));
    s->say_loaded = false;
}

static void say_all_loaded(struct cb_revocation *r, uint64_t generation)
{
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            if (g->sources[k]->say_loaded) {
                say_loaded(r, g, g->sources[k], generation);
            }
        }
    }
}

void cb_worker_publish(struct cb_revocation *r)
{
    const int64_t now_ms = cb_clock_monotonic_ms();
    if (!r->changed || (!r->urgent && now_ms < r->published_ms + CB_WORKER_PAUSE_MS)) {
        return;
    }
    struct cb_revocation_view *v = view_of(r);
    if (v == NULL) {
        return; /* memory: again with the next round */
    }
    const uint64_t generation = r->o.owner.publish(r->o.owner.ctx, v);
    r->changed = false;
    r->urgent = false;
    r->published_ms = now_ms;
    say_all_loaded(r, generation);
}

void cb_worker_say_expired(struct cb_revocation *r)
{
    const int64_t now = cb_clock_unix();
    for (size_t i = 0; i < r->groups->count; i++) {
        const struct cb_followed *g = &r->groups->all[i];
        for (size_t k = 0; k < g->source_count; k++) {
            struct cb_source *s = g->sources[k];
            struct cb_err err = { 0 };
            if (s->list != NULL && !s->expiry_said && CB_FAILED(cb_crl_check_fresh(s->list, now, &err))) {
                CB_LOG(r->o.log, CB_EV_CRL_EXPIRED, &err, CB_F_CSTR("trust_group", g->name),
                       CB_F_CSTR("location", s->location));
                s->expiry_said = true;
            }
        }
    }
}
