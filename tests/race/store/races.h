#ifndef RACES_H
#define RACES_H

#include "store/store.h"

enum { RACERS = 24 };

/* One verb, called by RACERS threads at once, each with a handle of its own. */
struct race {
    const char *name;
    cb_status (*prepare)(struct cb_store *s, struct cb_err *err); /* NULL: nothing */
    cb_status (*run)(struct cb_store *s, int racer, struct cb_err *err);
    int winners;        /* of RACERS */
    enum cb_code loser; /* what the others get */
    int silent;         /* winners that do not move the generation; the others move it by one each */
    cb_status (*after)(struct cb_store *s, struct cb_err *err); /* NULL: nothing more to check */
};

extern const struct race races[]; /* ended by a row without name */

int race_on_one_handle(struct cb_store *store); /* on a migrated store; the number of failures */

#endif
