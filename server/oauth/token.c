#include "oauth/token.h"

#include "base/limits.h"
#include "partner/client.h"

static const struct cb_param params[] = {
    CB_CLIENT_AUTH_PARAMS,
    { .name = "grant_type",
      .required = true,
      .max = 128,
      .offset = offsetof(struct cb_token_form, grant_type) },
    { .name = "scope", .max = CB_LIMIT_SCOPE, .offset = offsetof(struct cb_token_form, scope) },
    { .name = "resource",
      .max = CB_LIMIT_RESOURCE,
      .repeatable = true,
      .offset = offsetof(struct cb_token_form, resources) },
};
const struct cb_param_table cb_token_params = { .params = params,
                                                .count = CB_COUNT(params),
                                                .form_size = sizeof(struct cb_token_form) };

static const cb_endpoint grants[CB_GRANT__MAX] = {
    [CB_GRANT_CLIENT_CREDENTIALS] = cb_grant_client_credentials,
};

cb_status cb_token_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                        struct cb_err *err)
{
    const struct cb_token_form *f = rq->form;
    const enum cb_grant grant = cb_grant_of(f->grant_type);
    CB_ENSURE(grant != CB_GRANT_NONE, CB_E_GRANT_UNSUPPORTED, "grant_type is not one of ours");
    CB_ENSURE(cb_client_has_grant(rq->client, grant), CB_E_GRANT_NOT_ALLOWED,
              "the client is not registered for %s", cb_grant_name(grant));
    return grants[grant](app, rq, out, err);
}
