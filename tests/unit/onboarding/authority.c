#include "onboarding/authority.h"

#include <criterion/criterion.h>

#include "base/json_in.h"

#define CLAIM(authority, number) "{\"authority_id\":\"" authority "\",\"registration_id\":\"" number "\"}"
#define STATUS(status)           "{\"authority_id\":\"FCAGBR\",\"registration_id\":\"1\",\"status\":" status "}"

Test(authority, is_claimed_by_its_name_its_country_and_a_number)
{
    static const struct {
        const char *claims, *organisation;
        bool claimed;
    } rows[] = {
        { CLAIM("FCAGBR", "123456"), "PSDGB-FCA-123456", true },
        { CLAIM("OBGBR", "Unknown0015800001HQQrZAAX"), "PSDGB-OB-Unknown0015800001HQQrZAAX", true },
        { CLAIM("FMAAUT", "FN 1-2"), "PSDAT-FMA-FN 1-2", true },
        { "[" CLAIM("BAFINDEU", "7") "," CLAIM("FCAGBR", "1") "]", "PSDGB-FCA-1", true },
        { STATUS("\"Active\""), "PSDGB-FCA-1", true },
        { STATUS("\"Revoked\""), "PSDGB-FCA-1", false },
        { STATUS("null"), "PSDGB-FCA-1", false },
        { STATUS("true"), "PSDGB-FCA-1", false },
        { "[" STATUS("\"Inactive\"") "," STATUS("\"Active\"") "]", "PSDGB-FCA-1", true },
        { CLAIM("FMALIE", "1"), "PSDAT-FMA-1", false }, /* one name, two countries */
        { CLAIM("CNBHRV", "1"), "PSDCZ-CNB-1", false },
        { CLAIM("FCA", "1"), "PSDGB-FCA-1", false },
        { CLAIM("FCAGB", "1"), "PSDGB-FCA-1", false },
        { CLAIM("FCAGBRX", "1"), "PSDGB-FCA-1", false },
        { CLAIM("fcagbr", "1"), "PSDGB-FCA-1", false },
        { CLAIM("XFCAGBR", "1"), "PSDGB-FCA-1", false },
        { CLAIM("FCGBR", "1"), "PSDGB-FCA-1", false },
        { CLAIM("", "1"), "PSDGB-FCA-1", false },
        { CLAIM("FCAGBR", "12"), "PSDGB-FCA-1", false },
        { CLAIM("FCAGBR", ""), "PSDGB-FCA-1", false },
        { CLAIM("FCAUSA", "1"), "PSDUS-FCA-1", false }, /* none whose authorities license payment services */
        { "{\"authority_id\":\"FCAGBR\"}", "PSDGB-FCA-1", false },
        { "{\"authority_id\":\"FCAGBR\",\"registration_id\":1}", "PSDGB-FCA-1", false },
        { "{\"authority_id\":[\"FCAGBR\"],\"registration_id\":\"1\"}", "PSDGB-FCA-1", false },
        { "[[" CLAIM("FCAGBR", "1") "]]", "PSDGB-FCA-1", false },
        { "[]", "PSDGB-FCA-1", false },
        { "{}", "PSDGB-FCA-1", false },
        { "\"FCAGBR\"", "PSDGB-FCA-1", false },
        { "null", "PSDGB-FCA-1", false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_organisation o = { .text = { NULL, 0 } };
        json_auto_t *claims = json_loads(rows[i].claims, JSON_DECODE_ANY, NULL);
        cr_assert(claims != NULL && cb_organisation_of(cb_str_of(rows[i].organisation), &o), "row %zu", i);
        cr_expect_eq(cb_authority_claimed(claims, &o), rows[i].claimed, "%s %s", rows[i].claims,
                     rows[i].organisation);
    }
    struct cb_organisation o = { .text = { NULL, 0 } };
    cr_assert(cb_organisation_of(CB_STR("PSDGB-FCA-1"), &o));
    cr_expect_not(cb_authority_claimed(NULL, &o));
}
