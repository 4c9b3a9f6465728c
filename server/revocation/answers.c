#include "revocation/answers.h"

#include <stdlib.h>

bool cb_answer_key_of(const struct cb_key_hash *issuer, struct cb_str serial, struct cb_answer_key *out)
{
    if (serial.n > sizeof out->serial) {
        return false;
    }
    *out = (struct cb_answer_key){ .issuer = *issuer, .serial_n = (uint8_t)serial.n };
    memcpy(out->serial, serial.p, serial.n);
    return true;
}

static struct cb_str bytes_of(const struct cb_answer_key *k)
{
    return (struct cb_str){ (const char *)k, sizeof *k };
}

/* All members are octets, so there is no padding. */
_Static_assert(sizeof(struct cb_answer_key) == sizeof(struct cb_key_hash) + 1 + CB_LIMIT_SERIAL, "padding");

int cb_answer_key_order(const struct cb_answer_key *a, const struct cb_answer_key *b)
{
    return cb_str_order(bytes_of(a), bytes_of(b));
}

struct cb_answers *cb_answers_new(size_t count)
{
    struct cb_answers *a = calloc(1, sizeof *a + count * sizeof a->all[0]);
    if (a != NULL) {
        atomic_init(&a->references, 1);
    }
    return a;
}

struct cb_answers *cb_answers_ref(struct cb_answers *a)
{
    atomic_fetch_add_explicit(&a->references, 1, memory_order_relaxed);
    return a;
}

void cb_answers_unref(struct cb_answers *a)
{
    if (a != NULL && atomic_fetch_sub_explicit(&a->references, 1, memory_order_acq_rel) == 1) {
        free(a);
    }
}

const struct cb_answer *cb_answers_find(const struct cb_answers *a, const struct cb_answer_key *key)
{
    size_t low = 0, high = a->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = cb_answer_key_order(key, &a->all[middle].key);
        if (order == 0) {
            return &a->all[middle];
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return NULL;
}
