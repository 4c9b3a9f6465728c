/* The server's listeners as one thing: all of them accept, or none. */
#ifndef CB_LISTENERS_H
#define CB_LISTENERS_H

#include "app/app.h"
#include "http/http.h"

struct cb_listeners {
    struct cb_listener *l[CB_LISTENER__MAX];
};

/* The server certificates, loaded before anything is swapped. */
struct cb_server_credentials {
    struct cb_tls_credentials *c[CB_LISTENER__MAX];
};
CB_MUST cb_server_credentials_load(const struct cb_config *config, struct cb_server_credentials *out,
                                   struct cb_err *err);
void cb_server_credentials_done(struct cb_server_credentials *c);

CB_MUST cb_listeners_start(const struct cb_app *app, const struct cb_config *config,
                           const struct cb_server_credentials *credentials, struct cb_log *log,
                           struct cb_listeners *out, struct cb_err *err);
void cb_listeners_set_credentials(struct cb_listeners *l, const struct cb_server_credentials *credentials);

/* The ops listener goes last, so that an orchestrator sees the rest end. */
void cb_listeners_stop(struct cb_listeners *l, int64_t timeout_s);

#endif
