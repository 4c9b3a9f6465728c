/* All signing keys of a store, as the command line and the admin API show them. */
#ifndef CB_KEY_LIST_H
#define CB_KEY_LIST_H

#include "base/json_out.h"
#include "keys/keys.h"

/* No private half is in it: `sealed` is empty. */
struct cb_key_list {
    struct cb_arena *arena; /* of the strings, and of the list */
    struct cb_key_record *all;
    size_t count, room;
};

CB_MUST cb_key_list_read(struct cb_store *s, struct cb_arena *a, struct cb_key_list **out,
                         struct cb_err *err);

/* Which of them has this kid; false: none. */
bool cb_key_list_find(const struct cb_key_list *l, struct cb_str kid, size_t *out);

/* The i-th as a JSON object; where it stands follows from all of them and the time. */
void cb_key_list_json(const struct cb_key_list *l, size_t i, int64_t now, struct cb_json_out *j);

#endif
