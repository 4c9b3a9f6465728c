/* What no two clients may share: FAPI 1.0 Advanced section 8.10, so that one certificate is one client. */
#ifndef CB_IDENTITY_H
#define CB_IDENTITY_H

#include "base/arena.h"
#include "cert/x5t.h"
#include "store/store.h"

/* 32 bytes in the arena: SHA-256 over trust group, kind of subject and the normalised subject. Two names that
 * compare as equal have one identity. Empty for a self-signed client: its certificates are its own.
 * CB_E_DN. */
CB_MUST cb_identity_of(struct cb_arena *a, const struct cb_client_record *r, struct cb_str *out,
                       struct cb_err *err);

/* Of a self-signed client that registers itself, so that of several requests at once one makes a client: its
 * directory with its jwks_uri or, where its keys are given by value, the certificate that it presents. */
CB_MUST cb_identity_of_keys(struct cb_arena *a, const struct cb_client_record *r,
                            const struct cb_x5t *presented, struct cb_str *out, struct cb_err *err);

#endif
