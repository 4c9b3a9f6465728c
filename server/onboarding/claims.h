/* JSON objects from outside that live as long as an arena, and what the rules ask of their members. */
#ifndef CB_CLAIMS_H
#define CB_CLAIMS_H

#include "base/arena.h"
#include "base/json_in.h"

/* As cb_json_object; the object belongs to the arena. CB_E_JSON, CB_E_MEMORY. */
CB_MUST cb_claims_parse(struct cb_arena *a, struct cb_str text, json_t **out, struct cb_err *err);

/* Makes the arena the owner of a value. CB_E_MEMORY, also for NULL; the value is then gone. */
CB_MUST cb_claims_own(struct cb_arena *a, json_t *value, struct cb_err *err);

/* A value as compact JSON text in the arena. CB_E_MEMORY. */
CB_MUST cb_claims_text(struct cb_arena *a, const json_t *value, struct cb_str *out, struct cb_err *err);

/* Is there such a member? null is none: RFC 7592 section 2.2. */
bool cb_claims_has(const json_t *o, const char *key);

/* NumericDate, RFC 7519 section 2: a number between 1970 and 9999, fractions dropped. */
bool cb_claims_time(const json_t *o, const char *key, int64_t *out);

/* An array of 1 to `most` strings; NULL for anything else. */
const json_t *cb_claims_words(const json_t *o, const char *key, size_t most);

/* The string at i of such an array. */
struct cb_str cb_claims_word(const json_t *words, size_t i);
bool cb_claims_word_is_among(const json_t *words, struct cb_str word);

#endif
