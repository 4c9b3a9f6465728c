#include "onboarding/authority.h"

/* The directory writes FCAGBR where a certificate has GB and FCA. Neither half is enough: FMA is in Austria
 * and in Liechtenstein, CNB in Czechia and in Croatia. ISO 3166-1; the countries whose authorities license
 * payment services. */
static const struct {
    char two[3], three[4];
} countries[] = {
    { "AT", "AUT" }, { "BE", "BEL" }, { "BG", "BGR" }, { "CY", "CYP" }, { "CZ", "CZE" }, { "DE", "DEU" },
    { "DK", "DNK" }, { "EE", "EST" }, { "ES", "ESP" }, { "FI", "FIN" }, { "FR", "FRA" }, { "GB", "GBR" },
    { "GR", "GRC" }, { "HR", "HRV" }, { "HU", "HUN" }, { "IE", "IRL" }, { "IS", "ISL" }, { "IT", "ITA" },
    { "LI", "LIE" }, { "LT", "LTU" }, { "LU", "LUX" }, { "LV", "LVA" }, { "MT", "MLT" }, { "NL", "NLD" },
    { "NO", "NOR" }, { "PL", "POL" }, { "PT", "PRT" }, { "RO", "ROU" }, { "SE", "SWE" }, { "SI", "SVN" },
    { "SK", "SVK" },
};

static bool is_country(struct cb_str three, struct cb_str two)
{
    for (size_t i = 0; i < CB_COUNT(countries); i++) {
        if (cb_str_is(two, countries[i].two)) {
            return cb_str_is(three, countries[i].three);
        }
    }
    return false;
}

static bool is_authority(struct cb_str id, const struct cb_organisation *o)
{
    return cb_str_starts(id, o->authority) &&
           is_country((struct cb_str){ id.p + o->authority.n, id.n - o->authority.n }, o->country);
}

static bool is_active(const json_t *claim)
{
    struct cb_str status;
    const json_t *said = json_object_get(claim, "status");
    return said == NULL || (cb_json_get_str(claim, "status", &status) && cb_str_is(status, "Active"));
}

static bool names(const json_t *claim, const struct cb_organisation *o)
{
    struct cb_str authority, number;
    return cb_json_get_str(claim, "authority_id", &authority) && is_authority(authority, o) &&
           cb_json_get_str(claim, "registration_id", &number) && cb_str_eq(number, o->number) &&
           is_active(claim);
}

bool cb_authority_claimed(const json_t *claims, const struct cb_organisation *o)
{
    for (size_t i = 0; i < json_array_size(claims); i++) {
        if (names(json_array_get(claims, i), o)) {
            return true;
        }
    }
    return names(claims, o);
}
