#include "cert/der.h"

#include <criterion/criterion.h>

static const struct {
    struct cb_str der;
    bool taken;
    size_t content, left;
} rows[] = {
    { CB_STR("\x30\x00"), true, 0, 0 },
    { CB_STR("\x30\x02"
             "abcd"),
      true, 2, 2 },
    { CB_STR(""), false, 0, 0 },
    { CB_STR("\x30"), false, 0, 0 },
    { CB_STR("\x31\x00"), false, 0, 0 },         /* another element */
    { CB_STR("\x30\x01"), false, 0, 0 },         /* cut short */
    { CB_STR("\x30\x80\x00\x00"), false, 0, 0 }, /* indefinite */
    { CB_STR("\x30\x81"), false, 0, 0 },
    { CB_STR("\x30\x81\x01"
             "a"),
      false, 0, 0 }, /* longer than it must be */
    { CB_STR("\x30\x82\x00\x80"), false, 0, 0 },
    { CB_STR("\x30\x82\x01"), false, 0, 0 },
    { CB_STR("\x30\x83\x01\x00\x00"), false, 0, 0 }, /* larger than a certificate may be */
    { CB_STR("\x30\xff"), false, 0, 0 },
};

Test(der, takes_one_element_or_nothing)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_str rest = rows[i].der, content = { 0 };
        cr_expect_eq(cb_der_take(&rest, CB_DER_SEQUENCE, &content), rows[i].taken, "row %zu", i);
        cr_expect_eq(content.n, rows[i].content, "row %zu", i);
        cr_expect_eq(rest.n, rows[i].taken ? rows[i].left : rows[i].der.n, "row %zu", i);
    }
}

Test(der, knows_each_form_of_length_at_its_bounds)
{
    static const struct {
        size_t n, head;
    } lengths[] = { { 0x7f, 2 }, { 0x80, 3 }, { 0xff, 3 }, { 0x100, 4 }, { 0xffff, 4 } };
    static char memory[0x10010];
    for (size_t i = 0; i < CB_COUNT(lengths); i++) {
        const size_t n = lengths[i].n, head = lengths[i].head;
        const unsigned char start[3][4] = { { 0x30, (unsigned char)n },
                                            { 0x30, 0x81, (unsigned char)n },
                                            { 0x30, 0x82, (unsigned char)(n >> 8), (unsigned char)n } };
        memcpy(memory, start[head - 2], head);
        struct cb_str rest = { memory, head + n }, content = { 0 };
        cr_expect(cb_der_take(&rest, CB_DER_SEQUENCE, &content), "%zx", n);
        cr_expect(content.n == n && content.p == memory + head && rest.n == 0, "%zx", n);
        rest = (struct cb_str){ memory, head + n - 1 };
        cr_expect_not(cb_der_take(&rest, CB_DER_SEQUENCE, &content), "%zx", n);
    }
}

Test(der, takes_any_element_of_a_short_tag)
{
    static const struct {
        struct cb_str der;
        bool taken;
    } elements[] = {
        { CB_STR("\x05\x00"), true },          { CB_STR("\xa3\x00"), true },
        { CB_STR("\x04\x02\x1f\x1f"), true },  { CB_STR(""), false },
        { CB_STR("\x1f\x01\x00"), false },     { CB_STR("\xbf\x81\x00\x00"), false },
        { CB_STR("\x04\x03\x1f\x1f"), false }, { CB_STR("\x30\x80\x00\x00"), false },
    };
    for (size_t i = 0; i < CB_COUNT(elements); i++) {
        struct cb_str rest = elements[i].der, content = { 0 };
        cr_expect_eq(cb_der_take_any(&rest, &content), elements[i].taken, "row %zu", i);
        cr_expect_eq(rest.n, elements[i].taken ? 0 : elements[i].der.n, "row %zu", i);
    }
}

Test(der, knows_a_well_formed_oid)
{
    static const struct {
        struct cb_str content;
        bool good;
    } oids[] = {
        { CB_STR("\x2b"), true },
        { CB_STR("\x04\x00\x81\x98\x27"), true },
        { CB_STR(""), false },
        { CB_STR("\x80\x01"), false },
        { CB_STR("\x2b\x80\x01"), false },
        { CB_STR("\x2b\x81"), false },
    };
    for (size_t i = 0; i < CB_COUNT(oids); i++) {
        cr_expect_eq(cb_der_is_oid(oids[i].content), oids[i].good, "row %zu", i);
    }
}
