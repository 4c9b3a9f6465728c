#include "cli/register.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_in.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/http_client.h"
#include "cli/signer.h"

enum { TRIES = 10, SIGNED_FOR_S = 300 };

/* The metadata with the statement in it. */
static cb_status json_body(const struct cb_application_form *r, struct cb_buf *out, struct cb_err *err)
{
    json_auto_t *object = NULL;
    CB_TRY(cb_json_object(r->metadata, &object, err));
    CB_ENSURE(r->statement.n == 0 || json_object_set_new(object, "software_statement",
                                                         json_stringn(r->statement.p, r->statement.n)) == 0,
              CB_E_MEMORY, "request");
    char *text = json_dumps(object, JSON_COMPACT);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "request");
    cb_buf_add_cstr(out, text);
    free(text);
    return cb_buf_check(out, err);
}

static cb_status body_of(const struct cb_application_form *r, struct cb_buf *out, struct cb_err *err)
{
    if (r->sign == NULL) {
        return json_body(r, out, err);
    }
    const struct cb_signer_claims c = { .claims = r->metadata,
                                        .issuer = r->issuer,
                                        .audience = r->audience,
                                        .statement = r->statement,
                                        .now = cb_clock_unix(),
                                        .lifetime_s = SIGNED_FOR_S };
    return cb_signer_sign(r->sign, &c, out, err);
}

cb_status cb_apply_post(struct cb_arena *a, const struct cb_application_form *r, int *out_status,
                        struct cb_str *out_body, struct cb_err *err)
{
    const struct timespec pause = { .tv_sec = 1 };
    struct cb_buf body CB_AUTO(cb_buf_done), url CB_AUTO(cb_buf_done);
    cb_buf_init(&body, CB_MIB);
    cb_buf_init(&url, CB_LIMIT_URL);
    cb_buf_add_cstr(&url, r->url);
    cb_buf_add_cstr(&url, r->dry_run ? "?dry_run=true" : "");
    cb_buf_add_char(&url, '\0');
    CB_TRY(cb_buf_check(&url, err));
    CB_TRY(body_of(r, &body, err));
    const struct cb_https rq = { .url = url.p,
                                 .ca = r->ca,
                                 .cert = r->cert,
                                 .key = r->key,
                                 .body = cb_buf_str(&body),
                                 .content_type = r->sign == NULL ? "application/json" : "application/jose" };
    for (int i = 0; i < TRIES; i++) {
        CB_TRY(cb_https_fetch(a, &rq, out_status, out_body, err));
        if (*out_status != 503) {
            break;
        }
        (void)nanosleep(&pause, NULL); /* keys are being fetched: Retry-After is a second */
    }
    return CB_OK;
}

/* --- the command --- */

struct register_args {
    const char *url, *ca, *cert, *key, *metadata, *statement, *sign, *issuer, *audience;
    bool dry_run;
};

static struct cb_str without_line_end(struct cb_str s)
{
    while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r')) {
        s.n--;
    }
    return s;
}

static cb_status post(struct cb_cli *cli, const struct register_args *args, int *out_status,
                      struct cb_str *out_body, struct cb_err *err)
{
    struct cb_application_form r = { .url = args->url,
                                     .ca = args->ca,
                                     .cert = args->cert,
                                     .key = args->key,
                                     .sign = args->sign,
                                     .issuer = args->issuer,
                                     .audience = args->audience,
                                     .dry_run = args->dry_run };
    CB_ENSURE(args->sign == NULL || (args->issuer != NULL && args->audience != NULL), CB_E_USAGE,
              "--sign needs --issuer and --audience: they are claims of the request");
    CB_TRY(cb_file_read(&cli->arena, args->metadata, CB_LIMIT_METADATA, &r.metadata, err));
    if (args->statement != NULL) {
        CB_TRY(cb_file_read(&cli->arena, args->statement, CB_LIMIT_JWS, &r.statement, err));
        r.statement = without_line_end(r.statement);
    }
    return cb_apply_post(&cli->arena, &r, out_status, out_body, err);
}

static int run_register(struct cb_cli *cli, const void *given)
{
    int status = 0;
    struct cb_str body = { 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(post(cli, given, &status, &body, &err))) {
        return err.code == CB_E_USAGE ? cb_cli_usage(cli, "%s", err.detail) : cb_cli_fail(cli, &err);
    }
    (void)fprintf(status < 300 ? cli->out : cli->err, CB_STR_FMT "\n", CB_STR_ARG(body));
    return status < 300 ? CB_EXIT_OK : cb_cli_refuse(cli, "the server answers %d", status);
}

#define AT(member) offsetof(struct register_args, member)
static const struct cb_option options[] = {
    { "url", "URL", true, AT(url), "registration_endpoint of the metadata" },
    { "cert", "FILE", true, AT(cert), "the partner's certificate and its intermediates, PEM" },
    { "key", "FILE", true, AT(key), "its private key, PEM" },
    { "ca", "FILE", false, AT(ca), "CAs that the server is checked against; the system's by default" },
    { "metadata", "FILE", true, AT(metadata), "what to register: a JSON object in the words of RFC 7591" },
    { "statement", "FILE", false, AT(statement), "the software statement" },
    { "sign", "DIR", false, AT(sign),
      "sign the request, as UK Open Banking wants, with the key of this folder" },
    { "issuer", "ID", false, AT(issuer), "iss of a signed request: the software id" },
    { "audience", "ID", false, AT(audience), "aud of a signed request" },
    { "dry-run", NULL, false, AT(dry_run), "ask what would happen; nothing is registered" },
};

const struct cb_command cb_command_register = {
    "register",
    "Register as a partner does, over mutual TLS",
    options,
    CB_COUNT(options),
    sizeof(struct register_args),
    run_register,
    .more = "Prints the answer, which holds the registration access token: keep it secret.\n"
            "`certbound directory init` makes a folder for --sign."
};
