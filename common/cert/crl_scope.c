#include "cert/crl_scope.h"

#include <stdio.h>

#include "base/limits.h"
#include "cert/der.h"
#include "cert/extension.h"
#include "cert/status_urls.h"

/* Parts of an IssuingDistributionPoint. */
enum {
    POINT_NAME = 0xa0,
    ONLY_USERS = 0x81,
    ONLY_CAS = 0x82,
    SOME_REASONS = 0x83,
    INDIRECT = 0x84,
    ONLY_ATTRIBUTES = 0x85,
};

static bool take_flag(struct cb_str *rest, unsigned char identifier, bool *out)
{
    struct cb_str octet = { 0 };
    *out = false;
    if (!cb_der_take(rest, identifier, &octet)) {
        return true;
    }
    *out = octet.n == 1 && octet.p[0] == (char)0xff;
    return *out || cb_str_eq(octet, CB_STR("\x00"));
}

/* A named bit list: bit 0 is the highest of the first octet behind the count of unused ones. */
static bool take_reasons(struct cb_str *rest, unsigned *out)
{
    struct cb_str bits = { 0 };
    *out = CB_CRL_ALL_REASONS;
    if (!cb_der_take(rest, SOME_REASONS, &bits)) {
        return true;
    }
    if (bits.n < 2 || bits.n > 3 || (unsigned char)bits.p[0] > 7) {
        return false;
    }
    *out = 0;
    for (unsigned i = 0; i < (bits.n - 1) * 8; i++) {
        if ((unsigned char)bits.p[1 + i / 8] & (0x80U >> i % 8)) {
            *out |= 1U << i;
        }
    }
    *out &= CB_CRL_ALL_REASONS;
    return true;
}

static cb_status keep_points(struct cb_arena *a, const struct cb_status_urls *from, struct cb_crl_scope *out,
                             struct cb_err *err)
{
    struct cb_str *points = cb_arena_array(a, from->count, sizeof *points);
    CB_ENSURE(points != NULL, CB_E_MEMORY, "distribution points");
    for (size_t i = 0; i < from->count; i++) {
        points[i] = cb_arena_str(a, from->urls[i]);
        CB_ENSURE(points[i].p != NULL, CB_E_MEMORY, "distribution points");
    }
    out->points = points;
    out->point_count = from->count;
    return CB_OK;
}

/* RFC 5280 section 5.2.5. */
static cb_status read_issuing_point(struct cb_arena *a, struct cb_str value, struct cb_crl_scope *out,
                                    struct cb_err *err)
{
    struct cb_str point = { 0 }, name = { 0 };
    struct cb_status_urls named = { .count = 0 };
    bool indirect = false, only_attributes = false;
    bool good = cb_der_take(&value, CB_DER_SEQUENCE, &point) && value.n == 0 && point.n > 0;
    out->one_point = good && cb_der_take(&point, POINT_NAME, &name);
    good = good && (!out->one_point || cb_point_name_read(name, &named)) &&
           take_flag(&point, ONLY_USERS, &out->only_users) && take_flag(&point, ONLY_CAS, &out->only_cas) &&
           take_reasons(&point, &out->reasons) && take_flag(&point, INDIRECT, &indirect) &&
           take_flag(&point, ONLY_ATTRIBUTES, &only_attributes) && point.n == 0;
    CB_ENSURE(good, CB_E_CRL_MALFORMED, "issuingDistributionPoint does not decode");
    CB_ENSURE(!indirect, CB_E_CRL_UNSUPPORTED, "indirect CRLs are not supported");
    CB_ENSURE(!only_attributes, CB_E_CRL_UNSUPPORTED, "the list is of attribute certificates");
    CB_ENSURE(!(out->only_users && out->only_cas), CB_E_CRL_MALFORMED,
              "the list is both of CAs only and of others only");
    return keep_points(a, &named, out, err);
}

static cb_status read_number(struct cb_str value, char number[CB_CRL_NUMBER_TEXT], struct cb_err *err)
{
    struct cb_str octets = { 0 };
    CB_ENSURE(cb_der_take(&value, CB_DER_INTEGER, &octets) && value.n == 0 && octets.n > 0 &&
                  octets.n <= (CB_CRL_NUMBER_TEXT - 1) / 2,
              CB_E_CRL_MALFORMED, "cRLNumber does not decode or is too long");
    for (size_t i = 0; i < octets.n; i++) {
        (void)snprintf(number + 2 * i, 3, "%02x", (unsigned char)octets.p[i]);
    }
    return CB_OK;
}

/* --- the table of what is known --- */

enum kind { NUMBER, DELTA, ISSUING_POINT, HARMLESS, KIND__MAX };

static const struct {
    const char *oid;
    enum kind kind;
} known[] = {
    { "\x55\x1d\x14", NUMBER },   { "\x55\x1d\x1b", DELTA }, { "\x55\x1d\x1c", ISSUING_POINT },
    { "\x55\x1d\x23", HARMLESS }, /* authorityKeyIdentifier: the key is tried */
    { "\x55\x1d\x12", HARMLESS }, /* issuerAltName */
    { "\x55\x1d\x2e", HARMLESS }, /* freshestCRL: where deltas are */
};

static size_t known_as(struct cb_str oid)
{
    size_t i = 0;
    while (i < CB_COUNT(known) && !cb_str_is(oid, known[i].oid)) {
        i++;
    }
    return i;
}

static cb_status read_one(struct cb_arena *a, const struct cb_extension *e, struct cb_crl_scope *out,
                          unsigned *seen, char number[CB_CRL_NUMBER_TEXT], struct cb_err *err)
{
    const size_t which = known_as(e->oid);
    if (which == CB_COUNT(known)) {
        CB_ENSURE(!e->critical, CB_E_CRL_UNSUPPORTED, "a critical extension is not understood");
        return CB_OK;
    }
    CB_ENSURE((*seen & 1U << which) == 0, CB_E_CRL_MALFORMED, "an extension is there twice");
    *seen |= 1U << which;
    CB_ENSURE(known[which].kind != DELTA, CB_E_CRL_UNSUPPORTED,
              "delta CRLs are not supported: give the complete list");
    if (known[which].kind == NUMBER) {
        return read_number(e->value, number, err);
    }
    return known[which].kind == ISSUING_POINT ? read_issuing_point(a, e->value, out, err) : CB_OK;
}

cb_status cb_crl_scope_read(struct cb_arena *a, struct cb_str extensions, struct cb_crl_scope *out,
                            char number[CB_CRL_NUMBER_TEXT], struct cb_err *err)
{
    unsigned seen = 0;
    *out = (struct cb_crl_scope){ .reasons = CB_CRL_ALL_REASONS };
    while (extensions.n > 0) {
        struct cb_extension e = { .critical = false };
        CB_ENSURE(cb_extension_take(&extensions, &e), CB_E_CRL_MALFORMED,
                  "an extension of the list does not decode");
        CB_TRY(read_one(a, &e, out, &seen, number, err));
    }
    return CB_OK;
}
