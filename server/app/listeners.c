#include "app/listeners.h"

#include "admin/admin.h"
#include "app/routes.h"
#include "oauth/client_auth.h"
#include "oauth/metadata.h"

static const struct {
    const char *name;
    bool ask_certificate;
} kinds[CB_LISTENER__MAX] = {
    [CB_LISTENER_PUBLIC] = { "public", false },
    [CB_LISTENER_MTLS] = { "mtls", true },
    [CB_LISTENER_ADMIN] = { "admin", true },
    [CB_LISTENER_OPS] = { "ops", false },
};

cb_status cb_server_credentials_load(const struct cb_config *config, struct cb_server_credentials *out,
                                     struct cb_err *err)
{
    struct cb_server_credentials loaded CB_AUTO(cb_server_credentials_done) = { 0 };
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        const struct cb_config_listener *l = &config->listeners[i];
        if (l->address != NULL && l->certificate != NULL) {
            CB_TRY(cb_tls_credentials_load(l->certificate, l->private_key, &loaded.c[i], err));
        }
    }
    *out = loaded;
    loaded = (struct cb_server_credentials){ 0 };
    return CB_OK;
}

void cb_server_credentials_done(struct cb_server_credentials *c)
{
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        cb_tls_credentials_unref(c->c[i]);
        c->c[i] = NULL;
    }
}

cb_status cb_listeners_start(const struct cb_app *app, const struct cb_config *config,
                             const struct cb_server_credentials *credentials, struct cb_log *log,
                             struct cb_listeners *out, struct cb_err *err)
{
    *out = (struct cb_listeners){ 0 };
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        if (config->listeners[i].address == NULL) {
            continue;
        }
        const struct cb_listener_options o = {
            .name = kinds[i].name,
            .address = config->listeners[i].address,
            .credentials = credentials->c[i],
            .ask_certificate = kinds[i].ask_certificate,
            .issuer_path = i == CB_LISTENER_OPS || i == CB_LISTENER_ADMIN ? "" : cb_issuer_path(config),
            .routes = cb_routes[i].routes,
            .route_count = cb_routes[i].count,
            .proxy = &config->listeners[i].proxy,
            .is_proxy = cb_proxy_authenticate,
            .config = config,
            .app = app,
            .authenticate = { [CB_ROUTE_AUTH_CLIENT] = cb_client_authenticate,
                              [CB_ROUTE_AUTH_ADMIN] = cb_admin_authenticate },
            .problem_documents = i == CB_LISTENER_ADMIN,
            .log = log,
        };
        if (CB_FAILED(cb_listener_start(&o, &out->l[i], err))) {
            cb_listeners_stop(out, 0);
            return CB_FAIL;
        }
    }
    return CB_OK;
}

void cb_listeners_set_credentials(struct cb_listeners *l, const struct cb_server_credentials *credentials)
{
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        if (l->l[i] != NULL && credentials->c[i] != NULL) {
            cb_listener_set_credentials(l->l[i], credentials->c[i]);
        }
    }
}

void cb_listeners_stop(struct cb_listeners *l, int64_t timeout_s)
{
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        cb_listener_stop(l->l[i], timeout_s);
        l->l[i] = NULL;
    }
}
