/* What responders said of certificates: a sorted table that views share. */
#ifndef CB_ANSWERS_H
#define CB_ANSWERS_H

#include <stdatomic.h>

#include "base/limits.h"
#include "cert/key_hash.h"
#include "cert/ocsp.h"

/* Which certificate: its issuer's key and its number. */
struct cb_answer_key {
    struct cb_key_hash issuer;
    uint8_t serial_n;
    uint8_t serial[CB_LIMIT_SERIAL];
};

/* False: the number is longer than any that is read. */
bool cb_answer_key_of(const struct cb_key_hash *issuer, struct cb_str serial, struct cb_answer_key *out);
int cb_answer_key_order(const struct cb_answer_key *a, const struct cb_answer_key *b);

struct cb_answer {
    struct cb_answer_key key;
    enum cb_ocsp_status status;
    int64_t next_update;
    int64_t refresh_at; /* ask again from here on, although it still holds */
    int64_t revoked_at;
    const char *reason;
};

/* Immutable once filled; reference counted. */
struct cb_answers {
    atomic_size_t references;
    size_t count;
    struct cb_answer all[]; /* in the order of their keys */
};

struct cb_answers *cb_answers_new(size_t count); /* room for so many, to be filled in order; NULL: memory */
struct cb_answers *cb_answers_ref(struct cb_answers *a);
void cb_answers_unref(struct cb_answers *a); /* NULL is fine */
const struct cb_answer *cb_answers_find(const struct cb_answers *a, const struct cb_answer_key *key);

#endif
