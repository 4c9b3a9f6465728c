#include "app/routes.h"

#include "admin/admin.h"
#include "app/ops.h"
#include "base/limits.h"
#include "oauth/client_configuration.h"
#include "oauth/discovery.h"
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

#define ADMIN_PATH "/admin/v1"
#define ADMIN_GET(path_, params_, endpoint_)                                                                 \
    {                                                                                                        \
        .method = CB_GET, .path = ADMIN_PATH path_, .auth = CB_ROUTE_AUTH_ADMIN, .params = (params_),        \
        .endpoint = (endpoint_), .audited = true, .issued = CB_EV_ADMIN_READ, .refused = CB_EV_ADMIN_REFUSED \
    }
/* A question that is too long for a query. */
#define ADMIN_ASK(path_, endpoint_)                                                                          \
    {                                                                                                        \
        .method = CB_POST, .path = ADMIN_PATH path_, .body = CB_BODY_JSON, .body_max = CB_LIMIT_ADMIN_BODY,  \
        .auth = CB_ROUTE_AUTH_ADMIN, .params = &cb_admin_no_params, .endpoint = (endpoint_),                 \
        .only_asks = true, .audited = true, .issued = CB_EV_ADMIN_READ, .refused = CB_EV_ADMIN_REFUSED       \
    }
#define ADMIN_CHANGE(method_, path_, body_, endpoint_)                                                       \
    {                                                                                                        \
        .method = (method_), .path = ADMIN_PATH path_, .body = (body_), .body_max = CB_LIMIT_ADMIN_BODY,     \
        .auth = CB_ROUTE_AUTH_ADMIN, .params = &cb_admin_no_params, .endpoint = (endpoint_),                 \
        .audited = true, .issued = CB_EV_ADMIN_CHANGED, .refused = CB_EV_ADMIN_REFUSED                       \
    }

static const struct cb_route admin_routes[] = {
    ADMIN_GET("/clients", &cb_admin_clients_params, cb_admin_clients_get),
    ADMIN_CHANGE(CB_POST, "/clients", CB_BODY_JSON, cb_admin_clients_post),
    ADMIN_GET("/clients/{client_id}", &cb_admin_no_params, cb_admin_client_get),
    ADMIN_CHANGE(CB_PUT, "/clients/{client_id}", CB_BODY_JSON, cb_admin_client_put),
    ADMIN_CHANGE(CB_DELETE, "/clients/{client_id}", CB_BODY_NONE, cb_admin_client_delete),
    ADMIN_GET("/clients/{client_id}/certificates", &cb_admin_certificates_params,
              cb_admin_client_certificates_get),
    ADMIN_GET("/certificates", &cb_admin_certificates_params, cb_admin_certificates_get),
    ADMIN_GET("/revocations", &cb_admin_revocations_params, cb_admin_revocations_get),
    ADMIN_CHANGE(CB_POST, "/revocations", CB_BODY_JSON, cb_admin_revocations_post),
    ADMIN_CHANGE(CB_DELETE, "/revocations/{x5t}", CB_BODY_NONE, cb_admin_revocation_delete),
    ADMIN_ASK("/explain", cb_admin_explain_post),
    ADMIN_GET("/trust-groups", &cb_admin_no_params, cb_admin_trust_groups_get),
    ADMIN_GET("/signing-keys", &cb_admin_no_params, cb_admin_signing_keys_get),
    ADMIN_CHANGE(CB_POST, "/signing-keys", CB_BODY_JSON, cb_admin_signing_keys_post),
    ADMIN_GET("/signing-keys/{kid}", &cb_admin_no_params, cb_admin_signing_key_get),
    { .method = CB_DELETE,
      .path = ADMIN_PATH "/signing-keys/{kid}",
      .auth = CB_ROUTE_AUTH_ADMIN,
      .params = &cb_admin_signing_key_params,
      .endpoint = cb_admin_signing_key_delete,
      .audited = true,
      .issued = CB_EV_ADMIN_CHANGED,
      .refused = CB_EV_ADMIN_REFUSED },
};

static const struct cb_route ops_routes[] = {
    { .method = CB_GET, .path = "/livez", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = cb_livez_get },
    { .method = CB_GET, .path = "/readyz", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = cb_readyz_get },
    { .method = CB_GET, .path = "/metrics", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = cb_metrics_get },
};

const struct cb_route_list cb_routes[CB_LISTENER__MAX] = {
    [CB_LISTENER_PUBLIC] = { public_routes, CB_COUNT(public_routes) },
    [CB_LISTENER_MTLS] = { mtls_routes, CB_COUNT(mtls_routes) },
    [CB_LISTENER_ADMIN] = { admin_routes, CB_COUNT(admin_routes) },
    [CB_LISTENER_OPS] = { ops_routes, CB_COUNT(ops_routes) },
};
