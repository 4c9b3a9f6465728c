/* One listener with endpoints that tell what they saw, for test_listener.py. Options are NAME=VALUE; commands
 * come on standard input: "credentials CERT KEY", "stop". */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json_out.h"
#include "http/http.h"
#include "partner/peer.h"

struct cb_app {
    struct cb_document *document;
};

struct token_form {
    struct cb_str grant_type, client_id, scope, sleep_ms;
    struct cb_param_list resources;
};

static const struct cb_param token_params[] = {
    { .name = "grant_type", .required = true, .max = 64, .offset = offsetof(struct token_form, grant_type) },
    { .name = "client_id", .max = 128, .offset = offsetof(struct token_form, client_id) },
    { .name = "scope", .max = 1024, .offset = offsetof(struct token_form, scope) },
    { .name = "sleep_ms", .max = 5, .offset = offsetof(struct token_form, sleep_ms) },
    { .name = "resource", .max = 512, .offset = offsetof(struct token_form, resources), .repeatable = true },
};
static const struct cb_param_table token_table = { .params = token_params,
                                                   .count = CB_COUNT(token_params),
                                                   .form_size = sizeof(struct token_form) };

static cb_status authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                              struct cb_err *err)
{
    (void)app, (void)out;
    CB_ENSURE(rq->authorization.p == NULL, CB_E_CLIENT_AUTH_HEADER, "Authorization was used");
    CB_ENSURE(rq->client_id.n > 0, CB_E_CLIENT_ID_MISSING, "no client_id");
    CB_ENSURE(rq->peer != NULL, CB_E_CERT_MISSING, "no certificate");
    const struct cb_cert *cert = NULL;
    CB_TRY(cb_peer_cert(rq->peer, &cert, err));
    rq->audit.x5t = cert->x5t;
    rq->audit.has_x5t = true;
    return CB_OK;
}

static void pause_for(struct cb_str ms)
{
    char text[8] = "";
    memcpy(text, ms.n == 0 ? "" : ms.p, ms.n);
    const long n = strtol(text, NULL, 10);
    const struct timespec t = { .tv_sec = n / 1000, .tv_nsec = n % 1000 * 1000000 };
    if (n > 0) {
        (void)nanosleep(&t, NULL);
    }
}

/* The "token" is the thumbprint of the certificate that came in. */
static cb_status token(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                       struct cb_err *err)
{
    (void)app;
    const struct token_form *form = rq->form;
    pause_for(form->sleep_ms);
    char *x5t = cb_arena_alloc(rq->arena, CB_X5T_TEXT);
    CB_ENSURE(x5t != NULL, CB_E_MEMORY, "thumbprint");
    cb_x5t_text(&rq->audit.x5t, x5t);
    *out = (struct cb_reply){ .kind = CB_REPLY_TOKEN,
                              .token = {
                                  .access_token = cb_str_of(x5t), .expires_in = 300, .scope = form->scope } };
    rq->audit.scope = form->scope;
    return CB_OK;
}

static cb_status document(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                          struct cb_err *err)
{
    (void)rq, (void)err;
    *out = (struct cb_reply){ .kind = CB_REPLY_DOCUMENT, .document = cb_document_ref(app->document) };
    return CB_OK;
}

static cb_status text(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                      struct cb_err *err)
{
    (void)app, (void)rq, (void)err;
    *out = (struct cb_reply){ .kind = CB_REPLY_TEXT, .status = 200, .text = CB_STR("ok\n") };
    return CB_OK;
}

static cb_status nothing(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                         struct cb_err *err)
{
    (void)app, (void)rq, (void)out, (void)err;
    return CB_OK;
}

/* What arrived, said back. */
struct thing_query {
    struct cb_str colour;
};
static const struct cb_param thing_params[] = {
    { .name = "colour", .max = 8, .offset = offsetof(struct thing_query, colour) },
};
static const struct cb_param_table thing_table = { .params = thing_params,
                                                   .count = CB_COUNT(thing_params),
                                                   .form_size = sizeof(struct thing_query) };

static cb_status thing(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                       struct cb_err *err)
{
    enum { ROOM = 8192 };
    (void)app;
    const struct thing_query *query = rq->form;
    char *memory = cb_arena_alloc(rq->arena, ROOM);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "thing");
    struct cb_buf b;
    cb_buf_over(&b, memory, ROOM);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "name", rq->path_params[0]);
    cb_json_put_str(&j, "part", rq->path_params[1]);
    cb_json_put_str(&j, "colour", query->colour);
    cb_json_put_int(&j, "type", rq->body_type);
    cb_json_put_int(&j, "size", (int64_t)rq->body.n);
    cb_json_put_str(&j, "if_match", rq->if_match);
    cb_json_close(&j, '}');
    CB_TRY(cb_buf_check(&b, err));
    *out = (struct cb_reply){
        .kind = CB_REPLY_JSON, .status = 201, .text = cb_buf_str(&b), .etag = "\"1\"", .location = "/things/a"
    };
    return CB_OK;
}

static cb_status forget(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                        struct cb_err *err)
{
    (void)app, (void)rq, (void)err;
    *out = (struct cb_reply){ .kind = CB_REPLY_EMPTY };
    return CB_OK;
}

#define THING(method_, path_, body_)                                                                         \
    {                                                                                                        \
        .method = method_, .path = path_, .body = body_, .body_max = 1024, .auth = CB_ROUTE_AUTH_OPEN,       \
        .params = &thing_table, .endpoint = thing                                                            \
    }

static const struct cb_route routes[] = {
    { .method = CB_POST,
      .path = "/token",
      .body = CB_BODY_FORM,
      .body_max = 16384,
      .auth = CB_ROUTE_AUTH_CLIENT,
      .params = &token_table,
      .endpoint = token,
      .issued = CB_EV_TOKEN_ISSUED,
      .refused = CB_EV_TOKEN_REFUSED,
      .audited = true },
    { .method = CB_GET, .path = "/document", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = document },
    { .method = CB_GET,
      .path = "/.well-known/thing",
      .place = CB_PLACE_WELL_KNOWN,
      .auth = CB_ROUTE_AUTH_OPEN,
      .endpoint = document },
    THING(CB_GET, "/things/{name}", CB_BODY_NONE),
    THING(CB_PUT, "/things/{name}", CB_BODY_JSON | CB_BODY_JOSE),
    THING(CB_PATCH, "/things/{name}/parts/{part}", CB_BODY_JSON),
    { .method = CB_DELETE, .path = "/things/{name}", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = forget },
    { .method = CB_GET, .path = "/text", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = text },
    { .method = CB_GET, .path = "/nothing", .auth = CB_ROUTE_AUTH_OPEN, .endpoint = nothing },
};

static const char *option(int argc, char **argv, const char *name, const char *fallback)
{
    const size_t n = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
            return argv[i] + n + 1;
        }
    }
    return fallback;
}

static int64_t number(int argc, char **argv, const char *name, const char *fallback)
{
    return strtoll(option(argc, argv, name, fallback), NULL, 10);
}

static void check(cb_status status, const struct cb_err *err)
{
    if (CB_FAILED(status)) {
        (void)fprintf(stderr, "%s: %s\n", cb_code_reason(err->code), err->detail);
        exit(1);
    }
}

static void obey(struct cb_listener *l)
{
    char line[1024];
    char certificate[512];
    char key[512];
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "stop", 4) != 0) {
        if (sscanf(line, "credentials %511s %511s", certificate, key) == 2) {
            struct cb_err err = { 0 };
            struct cb_tls_credentials *fresh = NULL;
            check(cb_tls_credentials_load(certificate, key, &fresh, &err), &err);
            cb_listener_set_credentials(l, fresh);
            cb_tls_credentials_unref(fresh);
        }
        (void)printf("done\n");
        (void)fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct cb_err err = { 0 };
    struct cb_log *log = NULL;
    check(cb_log_new(STDERR_FILENO, CB_LOG_DEBUG, &log, &err), &err);
    const struct cb_config config = {
        .threads = number(argc, argv, "threads", "2"),
        .max_connections = number(argc, argv, "connections", "1000"),
        .max_connections_per_address = number(argc, argv, "per_address", "1000"),
        .handshake_timeout_s = number(argc, argv, "handshake", "10"),
        .header_timeout_s = number(argc, argv, "header", "10"),
        .body_timeout_s = number(argc, argv, "body", "10"),
        .idle_timeout_s = number(argc, argv, "idle", "60"),
    };
    const struct cb_app app = { cb_document_new(CB_STR("{\"a\":1}"), "application/json", "max-age=60") };
    struct cb_tls_credentials *credentials = NULL;
    const char *certificate = option(argc, argv, "certificate", NULL);
    if (certificate != NULL) {
        check(cb_tls_credentials_load(certificate, option(argc, argv, "key", ""), &credentials, &err), &err);
    }
    const char *proxy_address = option(argc, argv, "proxy", NULL);
    const struct cb_config_proxy proxy = {
        .addresses = &proxy_address, .address_count = 1, .protocol = "v2", .certificate_header = "none"
    };
    const struct cb_listener_options options = {
        .name = "test",
        .address = option(argc, argv, "address", "127.0.0.1:0"),
        .credentials = credentials,
        .ask_certificate = number(argc, argv, "ask", "1") != 0,
        .issuer_path = option(argc, argv, "issuer_path", ""),
        .routes = routes,
        .route_count = CB_COUNT(routes),
        .proxy = proxy_address == NULL ? NULL : &proxy,
        .config = &config,
        .app = &app,
        .authenticate = { [CB_ROUTE_AUTH_CLIENT] = authenticate },
        .log = log,
    };
    struct cb_listener *listener = NULL;
    check(cb_listener_start(&options, &listener, &err), &err);
    (void)printf("port %d\n", cb_listener_port(listener));
    (void)fflush(stdout);
    obey(listener);
    cb_listener_stop(listener, number(argc, argv, "shutdown", "5"));
    cb_tls_credentials_unref(credentials);
    cb_document_unref(app.document);
    cb_log_free(log);
    (void)printf("stopped\n");
    return 0;
}
