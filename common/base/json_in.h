/* The one way to read JSON: jansson, with everything turned on that refuses. */
#ifndef CB_JSON_IN_H
#define CB_JSON_IN_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Parses one JSON object. Refuses duplicate members, invalid UTF-8, U+0000, bytes behind the object, and
 * nesting deeper than CB_LIMIT_JSON_DEPTH. The caller owns *out (json_decref, or json_auto_t). Errors:
 * CB_E_JSON. */
CB_MUST cb_json_object(struct cb_str text, json_t **out, struct cb_err *err);

/* Members of an object; false when absent or of another type. A string is borrowed from the object. */
bool cb_json_get_str(const json_t *object, const char *key, struct cb_str *out);
bool cb_json_get_int(const json_t *object, const char *key, int64_t *out);

#endif
