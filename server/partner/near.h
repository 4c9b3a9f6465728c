/* Who was meant: the clients whose registered names come closest to a certificate that is nobody's. A part of
 * an explanation. */
#ifndef CB_NEAR_H
#define CB_NEAR_H

#include "partner/match.h"

enum { CB_NEAR_MISSES = 3 };

struct cb_near_miss {
    struct cb_str client_id;
    struct cb_str differs;     /* in one line */
    struct cb_subject subject; /* what to register instead */
};

/* One that is kept while clients are looked at. */
struct cb_near_client {
    size_t parts, bytes; /* that differ: RDNs or parts of a SAN */
    size_t san;          /* which of the certificate's */
    enum cb_subject_kind kind;
    struct cb_str id, subject;
    char *memory; /* of both */
};

/* Is a SAN the registered one but for a single part: the host of a DNS name, the user of an email address,
 * the last number of an IP address, or another part that has at least half its bytes in common with it? Two
 * parts must be the same. Both as registered. */
bool cb_san_is_near(enum cb_san_kind kind, struct cb_str registered, struct cb_str presented);

/* Bytes of the longer one that belong neither to what both begin with nor to what both end with. */
size_t cb_differing_bytes(struct cb_str a, struct cb_str b);

struct cb_explanation;

/* Keeps a client that the certificate does not name, if it is among the nearest of those so far: one of a
 * group that trusts the certificate, of whose name at most two RDNs differ, and at least as many are the same
 * and not also its issuer's, or one differs in three bytes at most; or a SAN that is near. Fewest parts
 * first, then fewest bytes, then by its ID. */
CB_MUST cb_near_consider(struct cb_explanation *e, const struct cb_client *client, struct cb_err *err);

#endif
