/* Mutual-TLS client authentication, RFC 8705 section 2: the "who" of every endpoint that asks for a client.
 */
#ifndef CB_CLIENT_AUTH_H
#define CB_CLIENT_AUTH_H

#include "oauth/exchange.h"
#include "partner/profile.h"

/* Stands first in the form struct of every such endpoint, and its rows first in the parameter table. */
struct cb_client_auth_form {
    struct cb_str client_secret, client_assertion; /* other methods: refused when present */
};
#define CB_CLIENT_AUTH_PARAMS                                                                                \
    { .name = "client_secret", .max = 4096, .offset = offsetof(struct cb_client_auth_form, client_secret) }, \
    {                                                                                                        \
        .name = "client_assertion", .max = 16384,                                                            \
        .offset = offsetof(struct cb_client_auth_form, client_assertion)                                     \
    }

/* Sets rq->client and rq->facts, or fails with one of the CLIENT_ and CERT_ codes. Checks, in this order: no
 * other method was tried, a certificate and a client_id are there, the client is known and in good standing,
 * its certificate is valid now, leads to an anchor of its trust group and fits the group's profile
 * (tls_client_auth), and is the one it registered. */
CB_MUST cb_client_authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                               struct cb_err *err);

/* The same for endpoints that know the client in another way than by the form: is the certificate of this
 * connection good, and is it this client's? rq->snapshot and rq->peer are there. */
CB_MUST cb_client_check_certificate(const struct cb_app *app, struct cb_request *rq,
                                    const struct cb_client *client, struct cb_err *err);

/* The client was seen with the certificate of this connection: for the list of those in use. */
void cb_certificate_note_use(const struct cb_app *app, struct cb_request *rq, struct cb_str client_id);

/* Is the certificate of this connection good under a trust group (dates, chain, revocation), and what does it
 * say of its holder, by this profile? rq->snapshot and rq->peer are there. */
CB_MUST cb_certificate_judge(struct cb_request *rq, struct cb_str trust_group, enum cb_profile profile,
                             struct cb_profile_facts *out, struct cb_err *err);

/* Does this certificate, which a connection presented itself, lead to the group of the proxies that may hand
 * on the certificates of others (listeners.mtls.proxy.trust_group)? Fails with one of the CERT_ codes. */
CB_MUST cb_proxy_authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_peer *own,
                              struct cb_err *err);

#endif
