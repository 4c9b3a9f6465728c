#include "revocation/view.h"

#include <stdlib.h>

#include "base/limits.h"

/* A group, and a list or a responder with its location: bounds, not sizes. */
enum { GROUP_MAX = 1024, LIST_MAX = 8 * 1024 };

struct cb_revocation_view *cb_view_new(struct cb_desk *desk, struct cb_answers *answers, size_t groups,
                                       size_t lists, size_t responders)
{
    struct cb_revocation_view *v = calloc(1, sizeof *v);
    if (v == NULL) {
        cb_desk_unref(desk);
        cb_answers_unref(answers);
        return NULL;
    }
    atomic_init(&v->references, 1);
    v->desk = desk;
    v->answers = answers;
    cb_arena_init(&v->arena, CB_KIB + groups * GROUP_MAX + (lists + responders) * LIST_MAX);
    return v;
}

struct cb_revocation_view *cb_revocation_view_ref(struct cb_revocation_view *v)
{
    atomic_fetch_add_explicit(&v->references, 1, memory_order_relaxed);
    return v;
}

void cb_revocation_view_unref(struct cb_revocation_view *v)
{
    if (v == NULL || atomic_fetch_sub_explicit(&v->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < v->list_count; i++) {
        cb_crl_unref(v->lists[i].crl);
        for (size_t k = 0; k < v->lists[i].aside_count; k++) {
            cb_crl_unref(v->lists[i].aside[k]);
        }
    }
    cb_desk_unref(v->desk);
    cb_answers_unref(v->answers);
    cb_arena_done(&v->arena);
    free(v);
}

const struct cb_view_group *cb_view_group_named(const struct cb_revocation_view *v, const char *name)
{
    for (size_t i = 0; i < v->group_count; i++) {
        if (cb_str_is(cb_str_of(name), v->groups[i].name)) {
            return &v->groups[i];
        }
    }
    return NULL;
}

/* --- for operators --- */

size_t cb_revocation_list_count(const struct cb_revocation_view *v)
{
    return v == NULL ? 0 : v->list_count;
}

size_t cb_revocation_answer_count(const struct cb_revocation_view *v)
{
    return v == NULL ? 0 : v->answers->count;
}

size_t cb_revocation_responder_count(const struct cb_revocation_view *v)
{
    return v == NULL ? 0 : v->responder_count;
}

struct cb_revocation_responder cb_revocation_responder_at(const struct cb_revocation_view *v, size_t i)
{
    return v->responders[i];
}

static const char *group_of(const struct cb_revocation_view *v, size_t list)
{
    const struct cb_view_group *g = v->groups;
    while (list >= g->first + g->count) {
        g++;
    }
    return g->name;
}

struct cb_revocation_list cb_revocation_list_at(const struct cb_revocation_view *v, size_t i)
{
    const struct cb_view_list *l = &v->lists[i];
    return (struct cb_revocation_list){
        .group = group_of(v, i),
        .location = l->location,
        .facts = l->crl == NULL ? NULL : cb_crl_facts(l->crl),
        .loaded_at = l->loaded_at,
        .failure = l->failure,
    };
}
