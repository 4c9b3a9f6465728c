/* Listeners, routes and TLS: libmicrohttpd with its GnuTLS. What comes out is a struct cb_request; what goes
 * in is a struct cb_reply. GnuTLS stays in tls_peer.c. */
#ifndef CB_HTTP_H
#define CB_HTTP_H

#include "config/config.h"
#include "log/log.h"
#include "oauth/exchange.h"

enum cb_method {
    CB_METHOD_NONE,
    CB_GET, /* also answers HEAD */
    CB_POST,
    CB_PUT,
    CB_PATCH,
    CB_DELETE,
    CB_METHOD__MAX
};
enum cb_route_auth {
    CB_ROUTE_AUTH_NONE, /* the row is refused at start */
    CB_ROUTE_AUTH_OPEN, /* whoever it is; the endpoint may still look at the certificate */
    CB_ROUTE_AUTH_CLIENT,
    CB_ROUTE_AUTH_ADMIN,
    CB_ROUTE_AUTH__MAX
};

/* How the issuer's path (RFC 8414 section 3.1) joins the route's: before it, or behind it. */
enum cb_route_place { CB_PLACE_UNDER_ISSUER, CB_PLACE_WELL_KNOWN };

struct cb_route {
    enum cb_method method;
    const char *path; /* a segment such as {client_id} stands for any one that is not empty */
    enum cb_route_place place;
    unsigned body;   /* set of enum cb_body */
    size_t body_max; /* more is 413 */
    enum cb_route_auth auth;
    const struct cb_param_table *params; /* of the form, or of the query where there is none */
    cb_endpoint endpoint;
    bool only_asks;                /* it changes nothing, whatever its method */
    enum cb_event issued, refused; /* the audit events of this route */
    bool audited;                  /* false: refusals are REQUEST_REFUSED, successes are not logged */
};

/* Server certificate and key, loaded and checked to belong together. Reference counted, immutable. */
struct cb_tls_credentials;
CB_MUST cb_tls_credentials_load(const char *certificate, const char *private_key,
                                struct cb_tls_credentials **out, struct cb_err *err);
void cb_tls_credentials_unref(struct cb_tls_credentials *c);

struct cb_listener_options {
    const char *name;                       /* "public", "mtls", "ops": for the log */
    const char *address;                    /* HOST:PORT; port 0 takes a free one */
    struct cb_tls_credentials *credentials; /* one reference is taken; NULL: plain HTTP */
    bool ask_certificate;
    const char *issuer_path; /* "" or "/t1" */
    const struct cb_route *routes;
    size_t route_count;
    const struct cb_config_proxy *proxy; /* NULL: nobody speaks for others; read at start only */
    const struct cb_config *config;      /* threads, limits and timeouts; read at start only */
    const struct cb_app *app;            /* handed to the endpoints */
    /* Who it is, by the row's kind: a client's runs after the parameters were bound, an administrator's
     * before. */
    cb_endpoint authenticate[CB_ROUTE_AUTH__MAX];
    /* Is the connection's own certificate one of proxy->trust_group? CB_OK: its owner may speak for others.
     */
    cb_status (*is_proxy)(const struct cb_app *app, struct cb_request *rq, struct cb_peer *own,
                          struct cb_err *err);
    bool problem_documents; /* errors are RFC 9457 problem documents instead of OAuth errors */
    struct cb_log *log;
};

struct cb_listener;

/* Accepts connections when it returns. CB_E_LISTEN, CB_E_CONFIG. */
CB_MUST cb_listener_start(const struct cb_listener_options *o, struct cb_listener **out, struct cb_err *err);
int cb_listener_port(const struct cb_listener *l);

/* New handshakes use the new credentials; nothing is dropped. */
void cb_listener_set_credentials(struct cb_listener *l, struct cb_tls_credentials *c);

/* Stops accepting, lets requests under way finish for at most timeout_s seconds (their connections are then
 * told to close), and frees the listener. NULL is fine. */
void cb_listener_stop(struct cb_listener *l, int64_t timeout_s);

#endif
