/* What a record's strings must be before they go to a database: declared in a table, checked in one place. */
#ifndef CB_STORE_RECORD_H
#define CB_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { CB_STORE_DIGEST = 32 }; /* bytes of a SHA-256 */

enum cb_field_kind { CB_FIELD_TEXT, CB_FIELD_BYTES };

struct cb_field {
    const char *name;
    size_t offset; /* of a struct cb_str in the record */
    size_t min, max;
    enum cb_field_kind kind;
};

/* Refuses a field that is too short or too long, and text that is not UTF-8 or holds U+0000 (which PostgreSQL
 * cannot keep); code is that of the refusal. */
CB_MUST cb_fields_check(const struct cb_field *fields, size_t count, const void *record, enum cb_code code,
                        struct cb_err *err);

/* Is it empty, or a SHA-256? */
CB_MUST cb_digest_check(const char *name, struct cb_str digest, enum cb_code code, struct cb_err *err);

/* Could a record of this name exist at all? */
bool cb_name_storable(struct cb_str name, size_t max);

#endif
