#include "store/record.h"

#include <criterion/criterion.h>

struct thing {
    int unused;
    struct cb_str text, bytes;
};

static const struct cb_field fields[] = {
    { "text", offsetof(struct thing, text), 1, 4, CB_FIELD_TEXT },
    { "bytes", offsetof(struct thing, bytes), 0, 2, CB_FIELD_BYTES },
};

static const struct {
    struct thing thing;
    enum cb_code code;
} rows[] = {
    { { 0, CB_STR("a"), CB_STR("") }, CB_E_NONE },
    { { 0, CB_STR("abcd"), CB_STR("\0\xff") }, CB_E_NONE },
    { { 0, CB_STR("\xf0\x9f\x8f\xa6"), { NULL, 0 } }, CB_E_NONE },
    { { 0, CB_STR(""), CB_STR("") }, CB_E_REGISTRATION },
    { { 0, { NULL, 0 }, CB_STR("") }, CB_E_REGISTRATION },
    { { 0, CB_STR("abcde"), CB_STR("") }, CB_E_REGISTRATION },
    { { 0, CB_STR("a"), CB_STR("abc") }, CB_E_REGISTRATION },
    { { 0, CB_STR("a\0"), CB_STR("") }, CB_E_REGISTRATION },
    { { 0, CB_STR("\xff"), CB_STR("") }, CB_E_REGISTRATION },
};

Test(record, fields_are_checked_by_their_table)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_err err = { 0 };
        (void)cb_fields_check(fields, CB_COUNT(fields), &rows[i].thing, CB_E_REGISTRATION, &err).v_;
        cr_expect_eq(err.code, rows[i].code, "row %zu: %s", i, err.detail);
    }
}

Test(record, a_name_is_text_of_some_length)
{
    cr_expect(cb_name_storable(CB_STR("abc"), 3));
    cr_expect_not(cb_name_storable(CB_STR("abcd"), 3));
    cr_expect_not(cb_name_storable(CB_STR(""), 3));
    cr_expect_not(cb_name_storable(CB_STR("a\0b"), 3));
    cr_expect_not(cb_name_storable(CB_STR("\x80"), 3));
}
