/* What an operator or a partner asks to be registered, and the checks that decide. */
#ifndef CB_REGISTRATION_H
#define CB_REGISTRATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "config/config.h"
#include "partner/client.h"
#include "store/store.h"

/* As given: nothing is trusted yet. Absent values have n == 0. Words are those of RFC 7591 and RFC 8705. */
struct cb_registration {
    struct cb_str client_id; /* absent: a random one is chosen */
    struct cb_str client_name;
    struct cb_str trust_group;               /* absent: the only one that is not the proxies' */
    struct cb_str subjects[CB_SUBJECT__MAX]; /* by kind: exactly one for tls_client_auth */
    struct cb_str jwks;                      /* JSON: then it is self_signed_tls_client_auth */
    struct cb_str jwks_uri;                  /* or where that is to be read */
    struct cb_str
        issuer_key; /* SHA-256 of the issuing CA's SubjectPublicKeyInfo in base64url; absent: any CA */
    struct cb_str organisation_id, software_id;
    struct cb_str scope;       /* space-separated; absent: none, so the client gets no token */
    struct cb_str grant_types; /* space-separated; absent: client_credentials */
};

/* Checks everything and makes the record to store, with created_at = updated_at = now and revision 1; strings
 * live in the arena. All problems are written to `problems`, one a line, in the words of the fields; any
 * makes it fail with CB_E_REGISTRATION. Does not ask the store whether the client_id or the identity is
 * taken: adding does. */
CB_MUST cb_registration_check(struct cb_arena *a, const struct cb_registration *r,
                              const struct cb_config *config, int64_t now, struct cb_client_record *out,
                              struct cb_buf *problems, struct cb_err *err);

/* What an update by an operator does not touch: where the client comes from, its token, its standing, its
 * revision. */
void cb_registration_keep(const struct cb_client_record *before, struct cb_client_record *out);

#endif
