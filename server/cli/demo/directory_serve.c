/* certbound directory serve: what a scheme's directory answers, as far as demos and tests need it. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/demo/directory.h"
#include "cli/signer.h"

struct serve_args {
    const char *dir;
    const char *issuer;
    const char *listen;
    const char *certificate;
    const char *private_key;
    const char *lifetime;
};

/* Small on purpose: this is nobody's production. */
static const struct cb_config limits = {
    .threads = 1,
    .max_connections = 64,
    .max_connections_per_address = 64,
    .handshake_timeout_s = 10,
    .header_timeout_s = 10,
    .body_timeout_s = 10,
    .idle_timeout_s = 10,
};
enum { STOP_WITHIN_S = 2 };

static void auto_log(struct cb_log **log)
{
    cb_log_free(*log);
}

static void auto_credentials(struct cb_tls_credentials **c)
{
    cb_tls_credentials_unref(*c);
}

/* A folder without a key is told of now, not to the first who asks. */
static cb_status check_signer(const struct cb_app *app, struct cb_err *err)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    const struct cb_signer_claims c = { .claims = CB_STR("{}"),
                                        .issuer = app->issuer,
                                        .now = cb_clock_unix() };
    cb_buf_init(&text, CB_LIMIT_JWS);
    return cb_signer_sign(app->dir, &c, &text, err);
}

/* Nobody shall take it for more than it is. */
static void say_what_it_is(FILE *out, const struct serve_args *args)
{
    (void)fprintf(out,
                  "certbound directory serve: for demos and tests: whoever may write into %s vouches for "
                  "anybody\n",
                  args->dir);
}

static void wait_for_the_end(const sigset_t *signals)
{
    int number = 0;
    (void)sigwait(signals, &number);
}

static cb_status serve(const struct serve_args *args, const struct cb_app *app, const sigset_t *signals,
                       struct cb_err *err)
{
    CB_AUTO(auto_log) struct cb_log *log = NULL;
    CB_AUTO(auto_credentials) struct cb_tls_credentials *credentials = NULL;
    struct cb_listener *listener = NULL;
    CB_TRY(check_signer(app, err));
    CB_TRY(cb_tls_credentials_load(args->certificate, args->private_key, &credentials, err));
    CB_TRY(cb_log_new(STDERR_FILENO, CB_LOG_INFO, &log, err));
    const struct cb_listener_options o = { .name = "directory",
                                           .address = args->listen,
                                           .credentials = credentials,
                                           .ask_certificate = true,
                                           .issuer_path = "",
                                           .routes = cb_directory_routes,
                                           .route_count = cb_directory_route_count,
                                           .config = &limits,
                                           .app = app,
                                           .log = log };
    CB_TRY(cb_listener_start(&o, &listener, err));
    wait_for_the_end(signals);
    cb_listener_stop(listener, STOP_WITHIN_S);
    return CB_OK;
}

static int run_serve(struct cb_cli *cli, const void *given)
{
    const struct serve_args *args = given;
    struct cb_app app = { .dir = args->dir, .issuer = args->issuer };
    struct cb_err err = { 0 };
    sigset_t signals;
    if (!cb_directory_lifetime(args->lifetime, &app.lifetime_s)) {
        return cb_cli_usage(cli, CB_DIRECTORY_LIFETIME_WRONG);
    }
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread: all inherit it */
    (void)signal(SIGPIPE, SIG_IGN);
    say_what_it_is(cli->err, args);
    return CB_FAILED(serve(args, &app, &signals, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

#define AT(member) offsetof(struct serve_args, member)
static const struct cb_option options[] = {
    { "dir", "DIR", true, AT(dir), "the folder that `directory init` made" },
    { "issuer", "TEXT", true, AT(issuer), "what its statements say in `iss`" },
    { "listen", "HOST:PORT", true, AT(listen), "where it accepts connections" },
    { "certificate", "FILE", true, AT(certificate), "of this server, PEM with its intermediates" },
    { "private-key", "FILE", true, AT(private_key), "its private key, PEM" },
    { "lifetime", "SECONDS", false, AT(lifetime), "from iat to exp of a statement; left out: no exp" },
};
const struct cb_command cb_command_directory_serve = {
    "directory serve",
    "Publish key sets and issue software statements, for demos and tests",
    options,
    CB_COUNT(options),
    sizeof(struct serve_args),
    run_serve,
    .more =
        "For demos and tests: whoever may write into DIR vouches for anybody. No database, no audit, no\n"
        "reload; a real scheme runs its own directory.\n"
        "\n"
        "  GET /jwks                      its keys, for `directories[].jwks`\n"
        "  GET /software/NAME/jwks        DIR/software/NAME/keys.jwks, for software_jwks_endpoint\n"
        "  GET /software/NAME/statement   a new statement with DIR/software/NAME/claims.json in it, for\n"
        "                                 who presents a certificate of DIR/software/NAME/organisation.pem"
};
