#include "watch/expiry.h"

#include <stdlib.h>

#include "base/clock.h"

enum { FIRST_ROOM = 128, TOLD_MAX = 65536 };
static const int64_t DAY_S = 86400;

const int cb_expiry_steps[CB_EXPIRY_STEPS] = { 0, 1, 7, 14, 30 };

static const char *const kind_names[CB_CERTIFICATE_KIND__MAX] = {
    [CB_OF_CLIENT] = "client",
    [CB_OF_SERVER] = "server",
    [CB_OF_ANCHOR] = "anchor",
};

const char *cb_certificate_kind_name(enum cb_certificate_kind k)
{
    return k < CB_CERTIFICATE_KIND__MAX ? kind_names[k] : "";
}

void cb_expiry_done(struct cb_expiry *e)
{
    free(e->told);
    *e = (struct cb_expiry){ 0 };
}

/* Where it is, or belongs. Thumbprints are digests: their first octets are hash enough. */
static struct cb_told *place_of(struct cb_told *told, size_t room, enum cb_certificate_kind kind,
                                const struct cb_x5t *x5t)
{
    size_t at = 0;
    memcpy(&at, x5t->b, sizeof at);
    for (at &= room - 1; told[at].used && !(told[at].kind == kind && cb_x5t_eq(&told[at].x5t, x5t));
         at = (at + 1) & (room - 1)) {
    }
    return &told[at];
}

/* The same set in so many places, or only those of it that were met. Without memory it stays as it is. */
static void move(struct cb_expiry *e, size_t room, bool all)
{
    struct cb_told *told = calloc(room, sizeof *told);
    if (told == NULL) {
        return;
    }
    e->told_count = 0;
    for (size_t i = 0; i < e->told_room; i++) {
        const struct cb_told *one = &e->told[i];
        if (one->used && (one->met || all)) {
            *place_of(told, room, one->kind, &one->x5t) = *one;
            e->told_count++;
        }
    }
    free(e->told);
    e->told = told;
    e->told_room = room;
}

/* Its place; NULL when there is room for no more: the warning comes again then, which is better than never.
 */
static struct cb_told *find_or_make_room(struct cb_expiry *e, enum cb_certificate_kind kind,
                                         const struct cb_x5t *x5t)
{
    if (2 * (e->told_count + 1) > e->told_room && e->told_count < TOLD_MAX) {
        move(e, e->told_room == 0 ? FIRST_ROOM : 2 * e->told_room, true);
    }
    struct cb_told *place = e->told_room == 0 ? NULL : place_of(e->told, e->told_room, kind, x5t);
    return place == NULL || place->used || 2 * (e->told_count + 1) <= e->told_room ? place : NULL;
}

static int step_of(int64_t days)
{
    for (int i = 0; i < CB_EXPIRY_STEPS; i++) {
        if (days < cb_expiry_steps[i] || (days == cb_expiry_steps[i] && days > 0)) {
            return i;
        }
    }
    return -1;
}

static bool is_worth_a_word(struct cb_lifetime life, int step)
{
    return 2 * DAY_S * cb_expiry_steps[step] <= life.not_after - life.not_before;
}

static void count(struct cb_expiry_counts *c, enum cb_certificate_kind kind, int64_t days, int step)
{
    for (int i = step; step >= 0 && i < CB_EXPIRY_STEPS; i++) {
        c->kinds[kind].within[i]++;
    }
    if (!c->kinds[kind].any || days < c->kinds[kind].least_days) {
        c->kinds[kind].least_days = days;
    }
    c->kinds[kind].any = true;
}

void cb_expiry_begin(struct cb_expiry *e)
{
    e->counts = (struct cb_expiry_counts){ 0 };
    for (size_t i = 0; i < e->told_room; i++) {
        e->told[i].met = false;
    }
}

int cb_expiry_note(struct cb_expiry *e, enum cb_certificate_kind kind, const struct cb_x5t *x5t,
                   struct cb_lifetime life, int64_t now)
{
    const int64_t days = cb_days_left(life.not_after, now);
    const int step = step_of(days);
    count(&e->counts, kind, days, step);
    if (step < 0 || !is_worth_a_word(life, step)) {
        return -1;
    }
    struct cb_told *told = find_or_make_room(e, kind, x5t);
    if (told != NULL && told->used && told->step <= step) {
        told->met = true;
        return -1;
    }
    if (told != NULL) {
        e->told_count += told->used ? 0 : 1;
        *told = (struct cb_told){ .x5t = *x5t, .kind = kind, .step = step, .met = true, .used = true };
    }
    return step;
}

void cb_expiry_end(struct cb_expiry *e, bool all)
{
    if (all && e->told_room > 0) {
        move(e, e->told_room, false);
    }
}
