/* A certificate revocation list, held so that a million entries cost little and a look-up far less than a
 * microsecond. RFC 5280 section 5. */
#ifndef CB_CRL_H
#define CB_CRL_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "cert/key_hash.h"

/* Immutable, reference counted, shared by threads. */
struct cb_crl;
struct cb_crl *cb_crl_ref(struct cb_crl *c);
void cb_crl_unref(struct cb_crl *c); /* NULL is fine */

#define CB_CRL_NUMBER_TEXT 41 /* 20 octets in hex, and a NUL */

struct cb_crl_facts {
    struct cb_key_hash issuer_key; /* whose key signed it */
    int64_t this_update, next_update;
    size_t entries;
    size_t memory;                   /* bytes held */
    char number[CB_CRL_NUMBER_TEXT]; /* cRLNumber; "" when there is none */
};

/* Reads one list, DER of at most CB_LIMIT_CRL bytes or PEM of it, and verifies that one of these CAs (DER
 * certificates) signed it: the CA has the list's issuer as its subject, may sign lists by its keyUsage, and
 * the signature is its key's. A list that is past its nextUpdate is read: what it revokes stays revoked.
 * CB_E_CRL_MALFORMED   not DER, bytes behind it, a serial number or an extension twice, extensions without
 *                      version 2, no nextUpdate
 * CB_E_CRL_TOO_LARGE
 * CB_E_CRL_UNSUPPORTED a delta CRL, an indirect one, one of attribute certificates, a critical extension that
 *                      is not understood
 * CB_E_CRL_NOT_YET_VALID  thisUpdate is later than now
 * CB_E_CRL_ISSUER_UNKNOWN no such CA among those given
 * CB_E_CRL_ALGORITHM   signed by other means than SHA-256 and better with RSA, ECDSA or EdDSA
 * CB_E_CRL_SIGNATURE   not signed by that CA's key */
CB_MUST cb_crl_read(struct cb_str bytes, const struct cb_str *cas, size_t ca_count, int64_t now,
                    struct cb_crl **out, struct cb_err *err);

const struct cb_crl_facts *cb_crl_facts(const struct cb_crl *c);

/* CB_E_CRL_EXPIRED once nextUpdate has come. */
CB_MUST cb_crl_check_fresh(const struct cb_crl *c, int64_t now, struct cb_err *err);

/* Are the two about the same certificates: signed by the same key, of the same scope? Only then does the one
 * take the place of the other. */
bool cb_crl_is_same_kind(const struct cb_crl *a, const struct cb_crl *b);

/* CB_E_CRL_OLDER: `held`, of the same kind, was issued after this one. */
CB_MUST cb_crl_check_newer(const struct cb_crl *c, const struct cb_crl *held, struct cb_err *err);

/* The same list once more, as far as anybody could tell without comparing a million entries? */
bool cb_crl_is_same(const struct cb_crl *a, const struct cb_crl *b);

struct cb_crl_entry {
    int64_t revoked_at;
    const char *reason; /* RFC 5280 section 5.3.1: "keyCompromise"; "unspecified" when none is given */
};

/* "keyCompromise"; NULL for a number that is no reason, or not one of a complete list. */
const char *cb_crl_reason(unsigned number);

/* Is the certificate with this serial number (content of the INTEGER) and the list's issuer revoked? */
bool cb_crl_has(const struct cb_crl *c, struct cb_str serial, struct cb_crl_entry *out);

/* The reasons for which a certificate would be on the list if it were revoked: 0 when the list is not about
 * such certificates, CB_CRL_ALL_REASONS when its absence proves it good. `points` are the URIs of the
 * certificate's own distribution points. RFC 5280 section 5.2.5. */
#define CB_CRL_ALL_REASONS 0x1feU /* bit n: ReasonFlags n, without 0, which is unused */
unsigned cb_crl_covers(const struct cb_crl *c, bool is_ca, const struct cb_str *points, size_t point_count);

#endif
