#include "cert/crl_table.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/random.h"
#include "cert/der.h"
#include "cert/der_time.h"
#include "cert/extension.h"

/* A record: its head, then the serial. */
enum { SERIAL_LENGTH, REASON, DATE, HEAD = DATE + 4 };

enum { ENUMERATED = 0x0a, REMOVE_FROM_CRL = 8 };

/* RFC 5280 section 5.3.1; without a name: not to be used, or not in a complete list. */
static const char *const reasons[] = {
    "unspecified", "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",  "cessationOfOperation", "certificateHold", NULL,
    NULL,          "privilegeWithdrawn",   "aACompromise",
};

const char *cb_crl_reason(unsigned number)
{
    return number < CB_COUNT(reasons) ? reasons[number] : NULL;
}

struct entry {
    struct cb_str serial;
    int64_t revoked_at;
    unsigned reason;
};

/* --- one entry --- */

static cb_status read_reason(struct cb_str value, size_t number, struct entry *out, struct cb_err *err)
{
    struct cb_str octets = { 0 };
    CB_ENSURE(cb_der_take(&value, ENUMERATED, &octets) && value.n == 0 && octets.n == 1, CB_E_CRL_MALFORMED,
              "the reason of entry %zu does not decode", number);
    out->reason = (unsigned char)octets.p[0];
    CB_ENSURE(out->reason != REMOVE_FROM_CRL, CB_E_CRL_UNSUPPORTED,
              "entry %zu is taken back (removeFromCRL), which only a delta CRL may say", number);
    CB_ENSURE(cb_crl_reason(out->reason) != NULL, CB_E_CRL_MALFORMED,
              "entry %zu has the reason %u, which there is not", number, out->reason);
    return CB_OK;
}

/* cRLReasons alone changes anything for us; certificateIssuer is critical and belongs to indirect lists. */
static cb_status read_extensions(struct cb_str list, size_t number, struct entry *out, struct cb_err *err)
{
    bool has_reason = false;
    CB_ENSURE(list.n > 0, CB_E_CRL_MALFORMED, "the extensions of entry %zu are empty", number);
    while (list.n > 0) {
        struct cb_extension e = { .critical = false };
        CB_ENSURE(cb_extension_take(&list, &e), CB_E_CRL_MALFORMED,
                  "an extension of entry %zu does not decode", number);
        if (cb_str_eq(e.oid, CB_STR("\x55\x1d\x15"))) {
            CB_ENSURE(!has_reason, CB_E_CRL_MALFORMED, "entry %zu has two reasons", number);
            has_reason = true;
            CB_TRY(read_reason(e.value, number, out, err));
        } else {
            CB_ENSURE(!cb_str_eq(e.oid, CB_STR("\x55\x1d\x1d")), CB_E_CRL_UNSUPPORTED,
                      "entry %zu is of another issuer: indirect CRLs are not supported", number);
            CB_ENSURE(!e.critical, CB_E_CRL_UNSUPPORTED,
                      "a critical extension of entry %zu is not understood", number);
        }
    }
    return CB_OK;
}

/* In the fewest octets, as X.690 section 8.3.2 wants: otherwise one number had two spellings. */
static bool is_serial(struct cb_str s)
{
    if (s.n == 0 || s.n > CB_LIMIT_SERIAL) {
        return false;
    }
    const unsigned char first = (unsigned char)s.p[0];
    const bool high = s.n > 1 && ((unsigned char)s.p[1] & 0x80) != 0;
    return s.n == 1 || !((first == 0 && !high) || (first == 0xff && high));
}

static cb_status take_entry(struct cb_str *rest, bool with_extensions, size_t number, struct entry *out,
                            struct cb_err *err)
{
    struct cb_str content = { 0 }, extensions = { 0 };
    *out = (struct entry){ .reason = 0 };
    CB_ENSURE(cb_der_take(rest, CB_DER_SEQUENCE, &content) &&
                  cb_der_take(&content, CB_DER_INTEGER, &out->serial) && is_serial(out->serial) &&
                  cb_der_take_time(&content, &out->revoked_at),
              CB_E_CRL_MALFORMED, "entry %zu does not decode", number);
    if (content.n == 0) {
        return CB_OK;
    }
    CB_ENSURE(with_extensions, CB_E_CRL_MALFORMED, "entry %zu has extensions, but the list is no version 2",
              number);
    CB_ENSURE(cb_der_take(&content, CB_DER_SEQUENCE, &extensions) && content.n == 0, CB_E_CRL_MALFORMED,
              "the extensions of entry %zu do not decode", number);
    return read_extensions(extensions, number, out, err);
}

/* --- the index: open addressing over records --- */

/* Seeded, so that who chooses serial numbers cannot choose collisions. */
static size_t slot_of(const struct cb_crl_table *t, struct cb_str serial)
{
    uint64_t h = t->seed ^ serial.n;
    for (size_t i = 0; i < serial.n; i += sizeof h) {
        uint64_t word = 0;
        memcpy(&word, serial.p + i, serial.n - i < sizeof word ? serial.n - i : sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15U;
        h ^= h >> 29;
    }
    return (size_t)(((h >> 32) * t->slot_count) >> 32);
}

/* The slot that holds the serial, or the free one where it would stand. */
static uint32_t *find(const struct cb_crl_table *t, struct cb_str serial)
{
    for (size_t at = slot_of(t, serial);; at = at + 1 < t->slot_count ? at + 1 : 0) {
        uint32_t *slot = &t->slots[at];
        if (*slot == 0) {
            return slot;
        }
        const uint8_t *r = t->records + (*slot - 1);
        if (cb_str_eq(serial, (struct cb_str){ (const char *)r + HEAD, r[SERIAL_LENGTH] })) {
            return slot;
        }
    }
}

static bool add(struct cb_crl_table *t, const struct entry *e, size_t *used)
{
    uint32_t *slot = find(t, e->serial);
    if (*slot != 0) {
        return false;
    }
    *slot = (uint32_t)*used + 1;
    uint8_t *r = t->records + *used;
    const int64_t date = e->revoked_at < 0 ? 0 : e->revoked_at > UINT32_MAX ? UINT32_MAX : e->revoked_at;
    const uint32_t seconds = (uint32_t)date; /* until 2106: for the log only */
    r[SERIAL_LENGTH] = (uint8_t)e->serial.n;
    r[REASON] = (uint8_t)e->reason;
    memcpy(r + DATE, &seconds, sizeof seconds);
    memcpy(r + HEAD, e->serial.p, e->serial.n);
    *used += HEAD + e->serial.n;
    return true;
}

bool cb_crl_table_find(const struct cb_crl_table *t, struct cb_str serial, struct cb_crl_entry *out)
{
    const uint32_t slot = t->count == 0 ? 0 : *find(t, serial);
    if (slot == 0) {
        return false;
    }
    const uint8_t *r = t->records + (slot - 1);
    uint32_t seconds = 0;
    memcpy(&seconds, r + DATE, sizeof seconds);
    *out = (struct cb_crl_entry){ .revoked_at = seconds, .reason = reasons[r[REASON]] };
    return true;
}

/* --- the whole --- */

void cb_crl_table_done(struct cb_crl_table *t)
{
    free(t->records);
    free(t->slots);
    *t = (struct cb_crl_table){ 0 };
}

/* Two thirds full, so that a look-up meets few strangers. */
static cb_status reserve(struct cb_crl_table *t, size_t entries, size_t record_bytes, struct cb_err *err)
{
    t->slot_count = entries + entries / 2 + 1;
    t->records = malloc(record_bytes);
    t->slots = calloc(t->slot_count, sizeof *t->slots);
    CB_ENSURE(t->records != NULL && t->slots != NULL, CB_E_MEMORY, "revocation list of %zu entries", entries);
    t->memory = record_bytes + t->slot_count * sizeof *t->slots;
    return cb_random(&t->seed, sizeof t->seed, err);
}

cb_status cb_crl_table_read(struct cb_str revoked, bool with_extensions, struct cb_crl_table *out,
                            struct cb_err *err)
{
    struct cb_crl_table t CB_AUTO(cb_crl_table_done) = { 0 };
    struct entry e = { .reason = 0 };
    size_t entries = 0, record_bytes = 0, used = 0;
    for (struct cb_str rest = revoked; rest.n > 0; entries++) {
        CB_TRY(take_entry(&rest, with_extensions, entries + 1, &e, err));
        record_bytes += HEAD + e.serial.n;
    }
    if (entries == 0) {
        return CB_OK;
    }
    CB_TRY(reserve(&t, entries, record_bytes, err));
    for (struct cb_str rest = revoked; rest.n > 0; t.count++) {
        CB_TRY(take_entry(&rest, with_extensions, t.count + 1, &e, err));
        CB_ENSURE(add(&t, &e, &used), CB_E_CRL_MALFORMED, "entry %zu has a serial number that was there",
                  t.count + 1);
    }
    *out = t;
    t = (struct cb_crl_table){ 0 };
    return CB_OK;
}
