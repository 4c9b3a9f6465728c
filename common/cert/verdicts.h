/* Chains that were found good, so that the next connection of the same partner need not be verified again. */
#ifndef CB_VERDICTS_H
#define CB_VERDICTS_H

#include "cert/trust.h"

/* Fixed size, one slot for a chain; a newer one takes it over. Thread-safe. Heap. */
struct cb_verdicts;
struct cb_verdicts *cb_verdicts_new(void);    /* NULL: memory */
void cb_verdicts_free(struct cb_verdicts *v); /* NULL is fine */

/* Everything the verdict depends on but the group, which is the owner, and the time. */
struct cb_chain_key {
    uint8_t b[32];
};
CB_MUST cb_chain_key_of(struct cb_str leaf, const struct cb_str *chain, size_t count,
                        struct cb_chain_key *out, struct cb_err *err);

/* A reference to the path of this chain when it was found good and `now` is a second at which that holds;
 * NULL otherwise. */
struct cb_trust_path *cb_verdicts_find(struct cb_verdicts *v, const struct cb_chain_key *k, int64_t now);

/* Takes a reference of its own. */
void cb_verdicts_keep(struct cb_verdicts *v, const struct cb_chain_key *k, struct cb_trust_path *path);

#endif
