/* Is this certificate the one that the client registered? RFC 8705 sections 2.1 and 2.2. */
#ifndef CB_MATCH_H
#define CB_MATCH_H

#include "partner/client.h"

/* Compares who the certificate names with what the client registered; a refusal's detail says what differs
 * and prints the string to register. Does not look at the chain, the validity or whether the client is
 * enabled. CB_E_CERT_SUBJECT_MISMATCH, CB_E_CERT_NOT_REGISTERED. */
CB_MUST cb_client_match(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                        struct cb_err *err);

#endif
