/* Is this certificate the one that the client registered? RFC 8705 sections 2.1 and 2.2. */
#ifndef CB_MATCH_H
#define CB_MATCH_H

#include "base/buf.h"
#include "cert/trust.h"
#include "partner/client.h"

/* Compares who the certificate names with what the client registered; a refusal's detail says what differs.
 * Does not look at the chain, the validity or whether the client is enabled. CB_E_CERT_SUBJECT_MISMATCH,
 * CB_E_CERT_NOT_REGISTERED. */
CB_MUST cb_client_match(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                        struct cb_err *err);

/* Did the CA that the client is pinned to issue the certificate, by its key? RFC 8705 section 7.4: of two CAs
 * of a group, each could issue the other's partners. CB_E_CERT_ISSUER_NOT_PINNED. */
CB_MUST cb_client_match_issuer(const struct cb_client *client, const struct cb_trust_path *path,
                               struct cb_err *err);

/* What one registers for a certificate. */
struct cb_subject {
    enum cb_subject_kind kind; /* none when it has neither a subject of at most CB_LIMIT_DN bytes nor a SAN */
    struct cb_str value;       /* RFC 4514, or a SAN; in the arena */
};

/* A subject of the preferred kind if the certificate has one, else its name, else a SAN. */
CB_MUST cb_subject_of_cert(struct cb_arena *a, const struct cb_cert *cert, enum cb_subject_kind preferred,
                           struct cb_subject *out, struct cb_err *err);

/* Why a certificate is not the client's, in one line: every RDN that differs, or the SANs of that kind; empty
 * when it is. For `certbound explain` and the admin API, beside the subject that would match. */
CB_MUST cb_client_explain(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                          struct cb_str *out_differs, struct cb_err *err);

/* The option of `certbound client update` that registers it, quoted for a shell:
 * `--tls-client-auth-subject-dn 'CN=a,O=b'`. Nothing for none. */
void cb_subject_print_option(const struct cb_subject *s, struct cb_buf *out);

#endif
