/* The admin API under /admin/v1/: what an operator does to a running server, as JSON. Errors are problem
 * documents (RFC 9457), docs/openapi.json describes it, docs/admin-api.md shows it. */
#ifndef CB_ADMIN_H
#define CB_ADMIN_H

#include "oauth/exchange.h"

/* Who may: the certificate of the connection leads to the trust group of the listener, is not revoked, and
 * its subject is one that `administrators` lists. Sets rq->audit.administrator. CB_E_ADMIN_CERTIFICATE,
 * _UNKNOWN, CB_E_HTTP_NOT_READY, CB_E_REVOCATION_UNKNOWN; for a request that changes something _READ_ONLY. */
CB_MUST cb_admin_authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                              struct cb_err *err);

/* For routes that take no query: one that has parameters is refused. */
extern const struct cb_param_table cb_admin_no_params;

/* clients.c */
extern const struct cb_param_table cb_admin_clients_params;
cb_status cb_admin_clients_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                               struct cb_err *err);
cb_status cb_admin_clients_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                struct cb_err *err);
cb_status cb_admin_client_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                              struct cb_err *err);
cb_status cb_admin_client_put(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                              struct cb_err *err);
cb_status cb_admin_client_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                 struct cb_err *err);

/* certificates.c */
extern const struct cb_param_table cb_admin_certificates_params;
cb_status cb_admin_certificates_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);
cb_status cb_admin_client_certificates_get(const struct cb_app *app, struct cb_request *rq,
                                           struct cb_reply *out, struct cb_err *err);

/* revocations.c */
extern const struct cb_param_table cb_admin_revocations_params;
cb_status cb_admin_revocations_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                   struct cb_err *err);
cb_status cb_admin_revocations_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);
cb_status cb_admin_revocation_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                     struct cb_err *err);

/* explain.c: changes nothing */
cb_status cb_admin_explain_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                struct cb_err *err);

/* trust_groups.c */
cb_status cb_admin_trust_groups_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);

/* signing_keys.c */
extern const struct cb_param_table cb_admin_signing_key_params;
cb_status cb_admin_signing_keys_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);
cb_status cb_admin_signing_keys_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                     struct cb_err *err);
cb_status cb_admin_signing_key_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                   struct cb_err *err);
cb_status cb_admin_signing_key_delete(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                      struct cb_err *err);

#endif
