/* certbound verify: the verifier library on the command line, as a resource server uses it. */
#include <certbound/verifier.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "cert/cert.h"
#include "cli/commands.h"
#include "cli/discovery.h"

struct verify_args {
    const char *token, *cert;
    const char *issuer, *audience, *jwks, *ca;
    const char *scope;
    bool json;
};

/* --- what it takes --- */

/* A token on the command line is seen by everybody on the machine; "-" reads it from standard input. */
static cb_status read_token(struct cb_arena *a, const char *given, struct cb_str *out, struct cb_err *err)
{
    if (!cb_str_is(cb_str_of(given), "-")) {
        *out = cb_str_of(given);
        return CB_OK;
    }
    char *p = cb_arena_alloc(a, 2 * CB_LIMIT_JWS);
    CB_ENSURE(p != NULL, CB_E_MEMORY, "token");
    size_t n = 0;
    ssize_t got = 0;
    while (n < 2 * CB_LIMIT_JWS && (got = read(STDIN_FILENO, p + n, 2 * CB_LIMIT_JWS - n)) > 0) {
        n += (size_t)got;
    }
    CB_ENSURE(got >= 0, CB_E_FILE, "standard input: could not read");
    while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r')) {
        n--;
    }
    *out = (struct cb_str){ p, n };
    return CB_OK;
}

static cb_status read_certificate(struct cb_arena *a, const char *path, struct cb_str *out,
                                  struct cb_err *err)
{
    struct cb_str pem, *ders = NULL;
    size_t count = 0;
    CB_TRY(cb_file_read(a, path, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(a, pem, &ders, &count, err));
    CB_ENSURE(count > 0, CB_E_CERT_MALFORMED, "%.180s holds no certificate in PEM", path);
    *out = ders[0];
    return CB_OK;
}

static cb_status read_jwks(struct cb_arena *a, const struct verify_args *args, struct cb_str *out,
                           struct cb_err *err)
{
    if (args->jwks != NULL) {
        return cb_file_read(a, args->jwks, CB_LIMIT_JWK_SET, out, err);
    }
    json_auto_t *metadata = NULL;
    struct cb_str uri = { 0 };
    CB_TRY(cb_discover(a, args->issuer, args->ca, &metadata, err));
    CB_ENSURE(cb_json_get_str(metadata, "jwks_uri", &uri), CB_E_JSON, "the metadata names no jwks_uri");
    const char *url = cb_arena_cstr(a, uri);
    CB_ENSURE(url != NULL, CB_E_MEMORY, "jwks_uri");
    return cb_https_get(a, url, args->ca, out, err);
}

/* --- the check --- */

static void auto_verifier(certbound_verifier **v)
{
    certbound_verifier_free(*v);
}

static cb_status configure(certbound_verifier *v, const struct verify_args *args, struct cb_str jwks,
                           struct cb_err *err)
{
    const certbound_code codes[] = { certbound_verifier_set_issuer(v, args->issuer),
                                     certbound_verifier_set_audience(v, args->audience),
                                     certbound_verifier_set_jwks(v, jwks.p, jwks.n) };
    for (size_t i = 0; i < CB_COUNT(codes); i++) {
        CB_ENSURE(codes[i] == CERTBOUND_OK, CB_E_CONFIG, "%s is not accepted: %s",
                  (const char *const[]){ "--issuer", "--audience", "the JWK set" }[i],
                  certbound_code_name(codes[i]));
    }
    return CB_OK;
}

static cb_status check(struct cb_arena *a, const struct verify_args *args, certbound_claims **out,
                       certbound_code *out_why, struct cb_err *err)
{
    struct cb_str token, der, jwks;
    CB_TRY(read_token(a, args->token, &token, err));
    CB_TRY(read_certificate(a, args->cert, &der, err));
    CB_TRY(read_jwks(a, args, &jwks, err));
    CB_AUTO(auto_verifier) certbound_verifier *v = certbound_verifier_new();
    CB_TRY(configure(v, args, jwks, err));
    *out = certbound_verify(v, token.p, token.n, der.p, der.n, cb_clock_unix(), out_why);
    if (*out != NULL && args->scope != NULL && !certbound_claims_has_scope(*out, args->scope)) {
        *out_why = CERTBOUND_E_INSUFFICIENT_SCOPE;
    }
    return CB_OK;
}

/* --- the answer --- */

static int print_json(struct cb_cli *cli, const certbound_claims *c, certbound_code why)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_put_bool(&j, "good", why == CERTBOUND_OK);
    cb_json_put_cstr(&j, "code", certbound_code_name(why));
    cb_json_put_int(&j, "status", certbound_code_status(why));
    if (why == CERTBOUND_OK) {
        cb_json_key(&j, "claims");
        cb_json_raw(&j, cb_str_of(certbound_claims_json(c)));
    } else {
        cb_json_put_cstr(&j, "www_authenticate", certbound_code_www_authenticate(why));
    }
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

static int print_text(struct cb_cli *cli, const certbound_claims *c)
{
    char expires[CB_TIME_TEXT];
    cb_time_text(certbound_claims_expires(c), expires);
    const struct cb_str rows[][2] = {
        { CB_STR("subject"), cb_str_of(certbound_claims_subject(c)) },
        { CB_STR("client_id"), cb_str_of(certbound_claims_client_id(c)) },
        { CB_STR("scope"), cb_str_of(certbound_claims_scope(c)) },
        { CB_STR("expires"), cb_str_of(expires) },
    };
    struct cb_table table;
    struct cb_err err = { 0 };
    cb_table_init(&table, &cli->arena, 2);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cb_table_add(&table, rows[i]);
    }
    return CB_FAILED(cb_table_print(&table, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

static int answer(struct cb_cli *cli, const certbound_claims *c, certbound_code why, bool json)
{
    const bool good = c != NULL && why == CERTBOUND_OK;
    int status = CB_EXIT_OK;
    if (json) {
        status = print_json(cli, c, why);
    } else if (good) {
        status = print_text(cli, c);
    }
    return good ? status
                : cb_cli_refuse(cli, "refused: %s; a resource server answers %d, WWW-Authenticate: %s",
                                certbound_code_name(why), certbound_code_status(why),
                                certbound_code_www_authenticate(why));
}

static int run_verify(struct cb_cli *cli, const void *given)
{
    const struct verify_args *args = given;
    certbound_claims *claims = NULL;
    certbound_code why = CERTBOUND_E_INTERNAL;
    struct cb_err err = { 0 };
    const int status = CB_FAILED(check(&cli->arena, args, &claims, &why, &err))
                           ? cb_cli_fail(cli, &err)
                           : answer(cli, claims, why, args->json);
    certbound_claims_free(claims);
    return status;
}

#define AT(member) offsetof(struct verify_args, member)
static const struct cb_option verify_options[] = {
    { "token", "TOKEN", true, AT(token), "the access token; - reads it from standard input" },
    { "cert", "FILE", true, AT(cert), "the certificate presented with it, PEM" },
    { "issuer", "URL", true, AT(issuer), "who must have issued it" },
    { "audience", "URI", true, AT(audience), "whom it must be for" },
    { "jwks", "FILE", false, AT(jwks), "the issuer's keys; fetched from the issuer by default" },
    { "ca", "FILE", false, AT(ca), "whose certificates the issuer may have; the system's by default" },
    { "scope", "WORD", false, AT(scope), "a scope that it must have" },
    CB_OPTION_JSON(verify_args),
};

const struct cb_command cb_command_verify = {
    "verify",
    "Check an access token and its binding to a certificate, as a resource server does",
    verify_options,
    CB_COUNT(verify_options),
    sizeof(struct verify_args),
    run_verify,
    .more = NULL
};
