#include "watch/expiry.h"

#include <stdlib.h>

#include "base/clock.h"

enum { TOLD_MAX = 65536 };
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

static struct cb_told *find(struct cb_expiry *e, enum cb_certificate_kind kind, const struct cb_x5t *x5t)
{
    for (size_t i = 0; i < e->told_count; i++) {
        if (e->told[i].kind == kind && cb_x5t_eq(&e->told[i].x5t, x5t)) {
            return &e->told[i];
        }
    }
    return NULL;
}

/* Room for one more; without it the warning comes again, which is better than never. */
static struct cb_told *add(struct cb_expiry *e)
{
    if (e->told_count == e->told_room && e->told_room < TOLD_MAX) {
        const size_t room = e->told_room == 0 ? 64 : 2 * e->told_room;
        struct cb_told *told = realloc(e->told, room * sizeof *told);
        if (told != NULL) {
            e->told = told;
            e->told_room = room;
        }
    }
    return e->told_count < e->told_room ? &e->told[e->told_count++] : NULL;
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
    for (size_t i = 0; i < e->told_count; i++) {
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
    struct cb_told *told = find(e, kind, x5t);
    if (told != NULL && told->step <= step) {
        told->met = true;
        return -1;
    }
    told = told != NULL ? told : add(e);
    if (told != NULL) {
        *told = (struct cb_told){ .x5t = *x5t, .kind = kind, .step = step, .met = true };
    }
    return step;
}

void cb_expiry_end(struct cb_expiry *e, bool all)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->told_count; i++) {
        if (e->told[i].met || !all) {
            e->told[kept++] = e->told[i];
        }
    }
    e->told_count = kept;
}
