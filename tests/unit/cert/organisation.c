#include "cert/organisation.h"

#include <criterion/criterion.h>

static const struct {
    const char *text;
    const char *scheme, *country, *authority, *number; /* scheme NULL: refused */
} rows[] = {
    { "PSDGB-FCA-795791", "PSD", "GB", "FCA", "795791" },
    { "PSDBE-NBB-1234.567.890", "PSD", "BE", "NBB", "1234.567.890" },
    { "PSDFI-FINFSA-1234567-8", "PSD", "FI", "FINFSA", "1234567-8" },
    { "PSDMT-MFSA-A 12345", "PSD", "MT", "MFSA", "A 12345" },
    { "PSDES-BDE-3DFD21", "PSD", "ES", "BDE", "3DFD21" },
    { "PSDGB-OB-Unknown0015800001041REAAY", "PSD", "GB", "OB", "Unknown0015800001041REAAY" },
    { "PSDPL-ABCDEFGH-1", "PSD", "PL", "ABCDEFGH", "1" },
    { "VATDE-123456789", "VAT", "DE", "", "123456789" },
    { "NTRGB-12345-678", "NTR", "GB", "", "12345-678" },
    { "LEIXG-5493001KJTIIGC8Y1R12", "LEI", "XG", "", "5493001KJTIIGC8Y1R12" },
    { "OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c", "OFB", "BR", "", "d7384bd0-842f-43c5-be02-9d2b2d5efc2c" },
    { "", NULL, NULL, NULL, NULL },
    { "PSDGB", NULL, NULL, NULL, NULL },
    { "PSDGB-", NULL, NULL, NULL, NULL },
    { "PSDGB-FCA", NULL, NULL, NULL, NULL },
    { "PSDGB-FCA-", NULL, NULL, NULL, NULL },
    { "PSDGB--795791", NULL, NULL, NULL, NULL },
    { "PSDGB-F-795791", NULL, NULL, NULL, NULL },
    { "PSDPL-ABCDEFGHI-1", NULL, NULL, NULL, NULL },
    { "PSDGB-fca-795791", NULL, NULL, NULL, NULL },
    { "PSDGB-FC1-795791", NULL, NULL, NULL, NULL },
    { "psdGB-FCA-795791", NULL, NULL, NULL, NULL },
    { "PSDgb-FCA-795791", NULL, NULL, NULL, NULL },
    { "PSDGBR-FCA-795791", NULL, NULL, NULL, NULL },
    { "VATDE-", NULL, NULL, NULL, NULL },
    { "VAT:DE-1", NULL, NULL, NULL, NULL },
};

Test(organisation, reads_the_forms_of_etsi)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_organisation o = { .scheme = { NULL, 0 } };
        const bool read = cb_organisation_of(cb_str_of(rows[i].text), &o);
        cr_assert_eq(read, rows[i].scheme != NULL, "%s", rows[i].text);
        if (read) {
            cr_expect(cb_str_is(o.text, rows[i].text));
            cr_expect(cb_str_is(o.scheme, rows[i].scheme), "%s", rows[i].text);
            cr_expect(cb_str_is(o.country, rows[i].country), "%s", rows[i].text);
            cr_expect(cb_str_is(o.authority, rows[i].authority), "%s", rows[i].text);
            cr_expect(cb_str_is(o.number, rows[i].number), "%s", rows[i].text);
        }
    }
    struct cb_organisation o;
    cr_expect_not(cb_organisation_of((struct cb_str){ NULL, 0 }, &o));
}

Test(organisation, knows_an_authority_by_its_form)
{
    static const struct {
        const char *text;
        bool good;
    } ids[] = {
        { "GB-FCA", true },   { "EE-FI", true },      { "PL-ABCDEFGH", true }, { "PL-ABCDEFGHI", false },
        { "GB-F", false },    { "GBFCA", false },     { "GB-", false },        { "-FCA", false },
        { "gb-FCA", false },  { "GB-fca", false },    { "GB-FC-A", false },    { "GBR-FCA", false },
        { "GB-FCA ", false }, { "GB-FC\x01", false }, { "", false },
    };
    for (size_t i = 0; i < CB_COUNT(ids); i++) {
        cr_expect_eq(cb_is_authority_id(cb_str_of(ids[i].text)), ids[i].good, "%s", ids[i].text);
    }
}
