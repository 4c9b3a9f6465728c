/* Which certificates end soon. */
#ifndef CB_EXPIRY_H
#define CB_EXPIRY_H

#include "cert/x5t.h"

enum cb_certificate_kind { CB_OF_CLIENT, CB_OF_SERVER, CB_OF_ANCHOR, CB_CERTIFICATE_KIND__MAX };
const char *cb_certificate_kind_name(enum cb_certificate_kind k); /* "client" */

/* Warnings come when this many days are left, and when none is. */
enum { CB_EXPIRY_STEPS = 5 };
extern const int cb_expiry_steps[CB_EXPIRY_STEPS]; /* 0, 1, 7, 14, 30 */

struct cb_expiry_counts {
    struct {
        uint64_t within[CB_EXPIRY_STEPS]; /* as many days or fewer */
        bool any;
        int64_t least_days; /* below 0: ended already */
    } kinds[CB_CERTIFICATE_KIND__MAX];
};

struct cb_told {
    struct cb_x5t x5t;
    enum cb_certificate_kind kind;
    int step;
    bool met;  /* in this look */
    bool used; /* the place */
};

/* What is remembered from one look at all certificates to the next. */
struct cb_expiry {
    struct cb_expiry_counts counts;
    struct cb_told *told; /* heap: a set by open addressing, at most half full */
    size_t told_count, told_room;
};
void cb_expiry_done(struct cb_expiry *e);

struct cb_lifetime {
    int64_t not_before, not_after; /* Unix seconds, both inclusive */
};

/* Between begin and end: counts a certificate, and says at which step a warning is due. -1: none. It ends
 * later, or was warned of already, or the step is more than half of its life: a certificate of one hour needs
 * no warning a day ahead. */
void cb_expiry_begin(struct cb_expiry *e);
int cb_expiry_note(struct cb_expiry *e, enum cb_certificate_kind kind, const struct cb_x5t *x5t,
                   struct cb_lifetime life, int64_t now);

/* Forgets those that were not met any more, where all were looked at. */
void cb_expiry_end(struct cb_expiry *e, bool all);

#endif
