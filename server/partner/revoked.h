/* A certificate that the operator accepts no more: what the command line and the admin API do and show. */
#ifndef CB_REVOKED_H
#define CB_REVOKED_H

#include "base/arena.h"
#include "base/json_out.h"
#include "partner/registry.h"
#include "store/store.h"

/* RFC 5280 section 4.1.2.5: no well-defined end. What is revoked till then is revoked until it is taken back.
 */
#define CB_NO_END INT64_C(253402300799)

struct cb_revocation_wish {
    struct cb_x5t x5t;
    int64_t not_after; /* when the certificate ends; 0: not known */
    struct cb_str reason;
};

/* Revokes it. Whose it is and when it ends follows from what clients were seen with, where one was; *out says
 * so, and lives in the arena. It counts for this one certificate: an authority of a trust group (NULL: these
 * are not known) is refused, for what it issued would stay good. CB_E_EXISTS, CB_E_REGISTRATION. */
CB_MUST cb_certificate_revoke(struct cb_store *s, const struct cb_trust_groups *trust, struct cb_arena *a,
                              const struct cb_revocation_wish *wish, int64_t now,
                              struct cb_revocation_record *out, struct cb_err *err);

/* One JSON object; expires_at is absent when nobody knows it. */
void cb_revocation_json(const struct cb_revocation_record *r, struct cb_json_out *j);

#endif
