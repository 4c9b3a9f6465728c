#include "base/json_in.h"

#include "base/limits.h"

/* jansson recurses 2,048 levels deep; a count of the brackets outside strings bounds it before it starts. */
static bool shallow(struct cb_str text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CB_LIMIT_JSON_DEPTH) {
                return false;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

static const char *words_of(enum json_error_code why)
{
    static const struct {
        enum json_error_code why;
        const char *words;
    } all[] = {
        { json_error_invalid_utf8, "not UTF-8" },
        { json_error_premature_end_of_input, "it ends too early" },
        { json_error_end_of_input_expected, "something stands behind it" },
        { json_error_null_character, "a NUL character" },
        { json_error_null_byte_in_key, "a NUL character" },
        { json_error_duplicate_key, "a member twice" },
        { json_error_numeric_overflow, "a number too large" },
    };
    for (size_t i = 0; i < CB_COUNT(all); i++) {
        if (all[i].why == why) {
            return all[i].words;
        }
    }
    return "wrong syntax";
}

cb_status cb_json_object(struct cb_str text, json_t **out, struct cb_err *err)
{
    CB_ENSURE(shallow(text), CB_E_JSON, "JSON is nested deeper than %d", CB_LIMIT_JSON_DEPTH);
    json_error_t why = { 0 };
    json_auto_t *value = json_loadb(text.p == NULL ? "" : text.p, text.n, JSON_REJECT_DUPLICATES, &why);
    CB_ENSURE(value != NULL, CB_E_JSON, "JSON does not parse at byte %d: %s", why.position,
              words_of(json_error_code(&why)));
    CB_ENSURE(json_is_object(value), CB_E_JSON, "JSON is not an object");
    *out = CB_TAKE(value);
    return CB_OK;
}

bool cb_json_get_str(const json_t *object, const char *key, struct cb_str *out)
{
    const json_t *v = json_object_get(object, key);
    if (!json_is_string(v)) {
        return false;
    }
    *out = (struct cb_str){ json_string_value(v), json_string_length(v) };
    return true;
}

bool cb_json_get_int(const json_t *object, const char *key, int64_t *out)
{
    const json_t *v = json_object_get(object, key);
    if (!json_is_integer(v)) {
        return false;
    }
    *out = json_integer_value(v);
    return true;
}
