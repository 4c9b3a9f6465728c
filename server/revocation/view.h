/* What is known of revocation at one moment. Made by the worker, read by requests. */
#ifndef CB_REVOCATION_VIEW_H
#define CB_REVOCATION_VIEW_H

#include <stdatomic.h>

#include "base/arena.h"
#include "revocation/answers.h"
#include "revocation/desk.h"
#include "revocation/revocation.h"

struct cb_view_group {
    const char *name;
    int64_t since;       /* when the group was first followed: a grace that no answer began begins here */
    size_t first, count; /* its lists, in a row */
};

struct cb_view_list {
    const char *location;
    struct cb_crl *crl;    /* NULL: none is held */
    struct cb_crl **aside; /* those that a list of another kind has displaced: they revoke, and that is all */
    size_t aside_count;
    int64_t loaded_at;
    enum cb_code failure;
};

struct cb_revocation_view {
    atomic_size_t references;
    struct cb_desk *desk;
    struct cb_answers *answers;
    const struct cb_view_group *groups;
    size_t group_count;
    struct cb_view_list *lists;
    size_t list_count;
    struct cb_revocation_responder *responders;
    size_t responder_count;
    struct cb_arena arena; /* of the groups, the lists, the responders and their strings */
};

/* An empty one with room in its arena, one reference of each of the two taken over. NULL: memory. */
struct cb_revocation_view *cb_view_new(struct cb_desk *desk, struct cb_answers *answers, size_t groups,
                                       size_t lists, size_t responders);

const struct cb_view_group *cb_view_group_named(const struct cb_revocation_view *v, const char *name);

#endif
