#include "onboarding/claims.h"

static void decref(void *value)
{
    json_decref(value);
}

cb_status cb_claims_own(struct cb_arena *a, json_t *value, struct cb_err *err)
{
    CB_ENSURE(value != NULL && cb_arena_defer(a, decref, value), CB_E_MEMORY, "JSON value");
    return CB_OK;
}

cb_status cb_claims_parse(struct cb_arena *a, struct cb_str text, json_t **out, struct cb_err *err)
{
    json_t *object = NULL;
    CB_TRY(cb_json_object(text, &object, err));
    CB_TRY(cb_claims_own(a, object, err));
    *out = object;
    return CB_OK;
}

cb_status cb_claims_text(struct cb_arena *a, const json_t *value, struct cb_str *out, struct cb_err *err)
{
    const size_t n = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *text = cb_arena_alloc(a, n);
    CB_ENSURE(n > 0 && text != NULL && json_dumpb(value, text, n, JSON_COMPACT) == n, CB_E_MEMORY,
              "JSON text");
    *out = (struct cb_str){ text, n };
    return CB_OK;
}

bool cb_claims_has(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return v != NULL && !json_is_null(v);
}

bool cb_claims_time(const json_t *o, const char *key, int64_t *out)
{
    static const double end_of_9999 = 253402300799.0;
    const json_t *v = json_object_get(o, key);
    const double seconds = json_number_value(v);
    if (!json_is_number(v) || !(seconds >= 0 && seconds <= end_of_9999)) {
        return false;
    }
    *out = (int64_t)seconds;
    return true;
}

const json_t *cb_claims_words(const json_t *o, const char *key, size_t most)
{
    const json_t *words = json_object_get(o, key);
    const size_t n = json_array_size(words);
    for (size_t i = 0; i < n; i++) {
        if (!json_is_string(json_array_get(words, i))) {
            return NULL;
        }
    }
    return n >= 1 && n <= most ? words : NULL;
}

struct cb_str cb_claims_word(const json_t *words, size_t i)
{
    const json_t *v = json_array_get(words, i);
    return (struct cb_str){ json_string_value(v), json_string_length(v) };
}

bool cb_claims_word_is_among(const json_t *words, struct cb_str word)
{
    for (size_t i = 0; i < json_array_size(words); i++) {
        if (cb_str_eq(cb_claims_word(words, i), word)) {
            return true;
        }
    }
    return false;
}
