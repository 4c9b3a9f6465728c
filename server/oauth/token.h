/* POST /token: RFC 6749 section 3.2. One row per grant. */
#ifndef CB_TOKEN_H
#define CB_TOKEN_H

#include "oauth/client_auth.h"

struct cb_token_form {
    struct cb_client_auth_form auth; /* first: cb_client_authenticate reads it */
    struct cb_str grant_type;
    struct cb_str scope;
    struct cb_param_list resources;
};
extern const struct cb_param_table cb_token_params;

CB_MUST cb_token_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                      struct cb_err *err);

/* The grants, in their own files. */
CB_MUST cb_grant_client_credentials(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                    struct cb_err *err);

#endif
