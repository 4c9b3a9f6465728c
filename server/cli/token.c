/* certbound token: the partner's side, for trying a server out. */
#include "base/json_in.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/discovery.h"
#include "cli/http_client.h"

struct token_args {
    const char *token_endpoint, *issuer;
    const char *cert, *key, *ca;
    const char *client_id, *scope, *resource;
    bool raw;
};

/* The alias for mutual TLS comes first: RFC 8705 section 5. */
static cb_status find_endpoint(struct cb_arena *a, const struct token_args *args, const char **out,
                               struct cb_err *err)
{
    json_auto_t *metadata = NULL;
    struct cb_str endpoint = { 0 };
    CB_TRY(cb_discover(a, args->issuer, args->ca, &metadata, err));
    CB_ENSURE(
        cb_json_get_str(json_object_get(metadata, "mtls_endpoint_aliases"), "token_endpoint", &endpoint) ||
            cb_json_get_str(metadata, "token_endpoint", &endpoint),
        CB_E_JSON, "the metadata names no token_endpoint");
    *out = cb_arena_cstr(a, endpoint);
    CB_ENSURE(*out != NULL, CB_E_MEMORY, "metadata");
    return CB_OK;
}

/* --- the request --- */

static cb_status request(struct cb_arena *a, const struct token_args *args, const char *endpoint,
                         int *out_status, struct cb_str *out_body, struct cb_err *err)
{
    const char *const fields[][2] = { { "grant_type", "client_credentials" },
                                      { "client_id", args->client_id },
                                      { "scope", args->scope },
                                      { "resource", args->resource } };
    struct cb_buf form CB_AUTO(cb_buf_done);
    cb_buf_init(&form, 64 * CB_KIB);
    for (size_t i = 0; i < CB_COUNT(fields); i++) {
        if (fields[i][1] != NULL) {
            cb_form_add(&form, fields[i][0], fields[i][1]);
        }
    }
    CB_TRY(cb_buf_check(&form, err));
    const struct cb_https rq = {
        .url = endpoint, .ca = args->ca, .cert = args->cert, .key = args->key, .body = cb_buf_str(&form)
    };
    return cb_https_fetch(a, &rq, out_status, out_body, err);
}

/* --- the answer --- */

/* Another server's words, for the terminal: printable ASCII, cut. */
struct word {
    char text[201];
};

static struct word word_of(const json_t *json, const char *key)
{
    struct word w = { 0 };
    struct cb_str s = { 0 };
    (void)cb_json_get_str(json, key, &s);
    for (size_t i = 0; i < s.n && i < sizeof w.text - 1; i++) {
        w.text[i] = '?';
        if (s.p[i] >= 0x20 && s.p[i] < 0x7f) {
            w.text[i] = s.p[i];
        }
    }
    return w;
}

static int refused(struct cb_cli *cli, int status, const json_t *json)
{
    const struct word error = word_of(json, "error"), description = word_of(json, "error_description");
    return cb_cli_refuse(cli, "the server answers %d %s%s%s", status, error.text,
                         description.text[0] != '\0' ? ": " : "", description.text);
}

static int print_answer(struct cb_cli *cli, int status, struct cb_str body, bool raw)
{
    struct cb_err err = { 0 };
    json_auto_t *json = NULL;
    if (CB_FAILED(cb_json_object(body, &json, &err)) && status == 200) {
        return cb_cli_fail(cli, &err);
    }
    struct cb_str token = { 0 };
    if (status != 200 || !cb_json_get_str(json, "access_token", &token)) {
        return refused(cli, status, json);
    }
    if (raw) {
        (void)fprintf(cli->out, CB_STR_FMT "\n", CB_STR_ARG(token));
        return CB_EXIT_OK;
    }
    (void)json_dumpf(json, cli->out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    (void)fputc('\n', cli->out);
    return CB_EXIT_OK;
}

static int run_token(struct cb_cli *cli, const void *given)
{
    const struct token_args *args = given;
    if ((args->token_endpoint == NULL) == (args->issuer == NULL)) {
        return cb_cli_usage(cli, "give --issuer or --token-endpoint");
    }
    const char *endpoint = args->token_endpoint;
    int status = 0;
    struct cb_str body = { 0 };
    struct cb_err err = { 0 };
    if ((endpoint == NULL && CB_FAILED(find_endpoint(&cli->arena, args, &endpoint, &err))) ||
        CB_FAILED(request(&cli->arena, args, endpoint, &status, &body, &err))) {
        return cb_cli_fail(cli, &err);
    }
    return print_answer(cli, status, body, args->raw);
}

#define AT(member) offsetof(struct token_args, member)
static const struct cb_option token_options[] = {
    { "issuer", "URL", false, AT(issuer), "find the token endpoint in the metadata of this server" },
    { "token-endpoint", "URL", false, AT(token_endpoint), "or use this one" },
    { "client-id", "ID", true, AT(client_id), "who asks" },
    { "cert", "FILE", true, AT(cert), "its certificate and intermediates, PEM" },
    { "key", "FILE", true, AT(key), "its private key, PEM" },
    { "ca", "FILE", false, AT(ca), "whose certificates the server may have; the system's by default" },
    { "scope", "\"A B\"", false, AT(scope), "the scopes asked for; all by default" },
    { "resource", "URI", false, AT(resource), "the API that the token is for" },
    { "raw", NULL, false, AT(raw), "print the access token alone" },
};

const struct cb_command cb_command_token = { "token",
                                             "Fetch an access token over mutual TLS, as a partner does",
                                             token_options,
                                             CB_COUNT(token_options),
                                             sizeof(struct token_args),
                                             run_token,
                                             .more = NULL };
