#include "cert/organisation.h"

enum { SCHEME = 3, COUNTRY = 2, AUTHORITY_MIN = 2, AUTHORITY_MAX = 8 };

static bool is_capitals(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 'A' || s.p[i] > 'Z') {
            return false;
        }
    }
    return true;
}

static bool is_authority(struct cb_str s)
{
    return s.n >= AUTHORITY_MIN && s.n <= AUTHORITY_MAX && is_capitals(s);
}

bool cb_is_authority_id(struct cb_str text)
{
    struct cb_str country = { 0 };
    return text.p != NULL && cb_str_next(&text, '-', &country) && country.n == COUNTRY &&
           is_capitals(country) && is_authority(text);
}

bool cb_organisation_of(struct cb_str text, struct cb_organisation *out)
{
    struct cb_str prefix = { 0 }, number = text;
    if (text.p == NULL || !cb_str_next(&number, '-', &prefix) || prefix.n != SCHEME + COUNTRY ||
        !is_capitals(prefix)) {
        return false;
    }
    struct cb_organisation o = { .text = text,
                                 .scheme = { prefix.p, SCHEME },
                                 .country = { prefix.p + SCHEME, COUNTRY } };
    if (cb_str_is(o.scheme, "PSD") &&
        !(number.p != NULL && cb_str_next(&number, '-', &o.authority) && is_authority(o.authority))) {
        return false;
    }
    o.number = number;
    if (number.n == 0) {
        return false;
    }
    *out = o;
    return true;
}
