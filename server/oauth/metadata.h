/* What the server says of itself: RFC 8414, OpenID Connect Discovery 1.0, RFC 7517. */
#ifndef CB_METADATA_H
#define CB_METADATA_H

#include "config/config.h"
#include "keys/ring.h"
#include "oauth/exchange.h"

/* The documents, made once per snapshot. The caller owns one reference. CB_E_MEMORY, CB_E_LIMIT. */
CB_MUST cb_metadata_document(const struct cb_config *config, struct cb_document **out, struct cb_err *err);
CB_MUST cb_jwks_document(const struct cb_ring *ring, int64_t now, struct cb_document **out,
                         struct cb_err *err);

/* The path of the issuer, "" or "/t1": endpoints stand below it. Borrowed from the configuration. */
const char *cb_issuer_path(const struct cb_config *config);

#endif
