#include "app/routes.h"

#include "app/ops.h"
#include "base/limits.h"
#include "oauth/client_configuration.h"
#include "oauth/metadata.h"
#include "oauth/register.h"
#include "oauth/token.h"

static const struct cb_route public_routes[] = {
    { .method = CB_GET,
      .path = "/.well-known/oauth-authorization-server",
      .place = CB_PLACE_WELL_KNOWN,
      .auth = CB_ROUTE_AUTH_OPEN,
      .endpoint = cb_metadata_get },
    { .method = CB_GET,
      .path = "/.well-known/openid-configuration",
      .place = CB_PLACE_UNDER_ISSUER,
      .auth = CB_ROUTE_AUTH_OPEN,
      .endpoint = cb_metadata_get },
    { .method = CB_GET,
      .path = "/jwks",
      .place = CB_PLACE_UNDER_ISSUER,
      .auth = CB_ROUTE_AUTH_OPEN,
      .endpoint = cb_jwks_get },
};

static const struct cb_route mtls_routes[] = {
    { .method = CB_POST,
      .path = "/token",
      .place = CB_PLACE_UNDER_ISSUER,
      .body = CB_BODY_FORM,
      .body_max = CB_LIMIT_TOKEN_BODY,
      .auth = CB_ROUTE_AUTH_CLIENT,
      .params = &cb_token_params,
      .endpoint = cb_token_post,
      .audited = true,
      .issued = CB_EV_TOKEN_ISSUED,
      .refused = CB_EV_TOKEN_REFUSED },
    { .method = CB_POST,
      .path = "/register",
      .place = CB_PLACE_UNDER_ISSUER,
      .body = CB_BODY_JSON | CB_BODY_JOSE,
      .body_max = CB_LIMIT_REGISTRATION,
      .auth = CB_ROUTE_AUTH_OPEN,
      .params = &cb_enrol_params,
      .endpoint = cb_register_post,
      .audited = true,
      .issued = CB_EV_CLIENT_REGISTERED,
      .refused = CB_EV_REGISTRATION_REFUSED },
    { .method = CB_GET,
      .path = "/register/{client_id}",
      .place = CB_PLACE_UNDER_ISSUER,
      .auth = CB_ROUTE_AUTH_OPEN,
      .endpoint = cb_client_configuration_get,
      .audited = true,
      .issued = CB_EV_REGISTRATION_READ,
      .refused = CB_EV_REGISTRATION_REFUSED },
    { .method = CB_PUT,
      .path = "/register/{client_id}",
      .place = CB_PLACE_UNDER_ISSUER,
      .body = CB_BODY_JSON | CB_BODY_JOSE,
      .body_max = CB_LIMIT_REGISTRATION,
      .auth = CB_ROUTE_AUTH_OPEN,
      .params = &cb_enrol_params,
      .endpoint = cb_client_configuration_put,
      .audited = true,
      .issued = CB_EV_CLIENT_UPDATED,
      .refused = CB_EV_REGISTRATION_REFUSED },
    { .method = CB_DELETE,
      .path = "/register/{client_id}",
      .place = CB_PLACE_UNDER_ISSUER,
      .auth = CB_ROUTE_AUTH_OPEN,
      .endpoint = cb_client_configuration_delete,
      .audited = true,
      .issued = CB_EV_CLIENT_DELETED,
      .refused = CB_EV_REGISTRATION_REFUSED },
};

static const struct cb_route ops_routes[] = {
    { .method = CB_GET, .path = "/livez", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = cb_livez_get },
    { .method = CB_GET, .path = "/readyz", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = cb_readyz_get },
    { .method = CB_GET, .path = "/metrics", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = cb_metrics_get },
};

const struct cb_route_list cb_routes[CB_LISTENER__MAX] = {
    [CB_LISTENER_PUBLIC] = { public_routes, CB_COUNT(public_routes) },
    [CB_LISTENER_MTLS] = { mtls_routes, CB_COUNT(mtls_routes) },
    [CB_LISTENER_OPS] = { ops_routes, CB_COUNT(ops_routes) },
};
