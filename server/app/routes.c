#include "app/routes.h"

#include "app/ops.h"
#include "base/limits.h"
#include "oauth/metadata.h"
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
