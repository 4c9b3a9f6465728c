/* certbound client ...: the partners' registrations, on the store itself. A running server follows. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cert/key_hash.h"
#include "cli/cert_file.h"
#include "cli/commands.h"
#include "cli/record.h"
#include "cli/subject.h"
#include "jose/base64url.h"
#include "partner/client_json.h"
#include "partner/registration.h"

struct client_args {
    const char *config;
    const char *client_id;
    const char *name;
    const char *trust_group;
    const char *subjects[CB_SUBJECT__MAX];
    const char *certificate;
    const char *jwks, *jwks_uri;
    const char *issuer_key, *issuer_certificate;
    const char *organisation_id, *software_id;
    const char *scope;
    const char *grant_types;
    bool json;
};

/* --- what was asked for --- */

static void set(struct cb_str *field, const char *given)
{
    if (given != NULL) {
        *field = cb_str_of(given);
    }
}

static bool names_subject(const struct client_args *args)
{
    bool any = args->certificate != NULL || args->jwks != NULL || args->jwks_uri != NULL;
    for (size_t i = 0; i < CB_SUBJECT__MAX; i++) {
        any |= args->subjects[i] != NULL;
    }
    return any;
}

/* Which CA may issue: its key's digest, as given or from its certificate. */
static cb_status issuer_key_of(struct cb_arena *a, const struct client_args *args, struct cb_str *out,
                               struct cb_err *err)
{
    struct cb_cert ca = { 0 };
    struct cb_key_hash key;
    *out = cb_str_of(args->issuer_key);
    if (args->issuer_certificate == NULL) {
        return CB_OK;
    }
    CB_ENSURE(args->issuer_key == NULL, CB_E_USAGE,
              "--issuer-certificate and --issuer-key say the same; give one of them");
    CB_TRY(cb_cert_of_file(a, args->issuer_certificate, &ca, err));
    CB_TRY(cb_key_hash_of(ca.public_key, &key, err));
    char *text = cb_arena_alloc(a, CB_KEY_HASH_TEXT);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "client");
    cb_key_hash_text(&key, text);
    *out = cb_str_of(text);
    return CB_OK;
}

/* Puts what the options say over what `r` holds. Who the client is counts as one thing. */
static cb_status fill(struct cb_arena *a, const struct client_args *args, struct cb_registration *r,
                      struct cb_err *err)
{
    struct cb_str issuer_key;
    CB_TRY(issuer_key_of(a, args, &issuer_key, err));
    set(&r->client_id, args->client_id);
    set(&r->client_name, args->name);
    set(&r->trust_group, args->trust_group);
    set(&r->scope, args->scope);
    set(&r->grant_types, args->grant_types);
    r->issuer_key = issuer_key.n > 0 ? issuer_key : r->issuer_key;
    set(&r->organisation_id, args->organisation_id);
    set(&r->software_id, args->software_id);
    if (!names_subject(args)) {
        return CB_OK;
    }
    CB_ENSURE(args->certificate == NULL || args->subjects[CB_SUBJECT_DN] == NULL, CB_E_USAGE,
              "--certificate and --tls-client-auth-subject-dn say the same; give one of them");
    for (size_t i = 0; i < CB_SUBJECT__MAX; i++) {
        r->subjects[i] = cb_str_of(args->subjects[i]);
    }
    r->jwks = (struct cb_str){ 0 };
    r->jwks_uri = cb_str_of(args->jwks_uri);
    if (args->certificate != NULL) {
        CB_TRY(cb_subject_of_file(a, args->certificate, &r->subjects[CB_SUBJECT_DN], err));
    }
    if (args->jwks != NULL) {
        CB_TRY(cb_file_read(a, args->jwks, CB_LIMIT_JWK_SET, &r->jwks, err));
    }
    if (args->jwks != NULL || args->jwks_uri != NULL) {
        r->trust_group = cb_str_of(args->trust_group); /* such a client belongs to none */
        r->issuer_key = issuer_key;                    /* nor has it an issuer */
    }
    return CB_OK;
}

/* A registration that would give the record again. */
static cb_status from_record(struct cb_arena *a, const struct cb_client_record *record,
                             struct cb_registration *out, struct cb_err *err)
{
    char *issuer_key = cb_arena_alloc(a, CB_BASE64URL_LEN(record->issuer_key.n) + 1);
    CB_ENSURE(issuer_key != NULL, CB_E_MEMORY, "client");
    cb_base64url_encode(record->issuer_key.p, record->issuer_key.n, issuer_key);
    *out = (struct cb_registration){ .client_id = record->client_id,
                                     .client_name = record->client_name,
                                     .trust_group = record->trust_group,
                                     .jwks = record->jwks_uri.n > 0 ? (struct cb_str){ 0 } : record->jwks,
                                     .jwks_uri = record->jwks_uri,
                                     .issuer_key = { issuer_key, CB_BASE64URL_LEN(record->issuer_key.n) },
                                     .organisation_id = record->organisation_id,
                                     .software_id = record->software_id,
                                     .scope = record->scope,
                                     .grant_types = record->grant_types };
    const enum cb_subject_kind kind = cb_subject_kind_of(record->subject_kind);
    if (kind != CB_SUBJECT_NONE) {
        out->subjects[kind] = record->subject;
    }
    return CB_OK;
}

static cb_status check(struct cb_cli *cli, const struct cb_registration *r, const struct cb_config *config,
                       struct cb_client_record *out, struct cb_err *err)
{
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&problems, CB_MIB);
    const cb_status status =
        cb_registration_check(&cli->arena, r, config, cb_clock_unix(), out, &problems, err);
    cb_cli_problems(cli, cb_buf_str(&problems));
    return status;
}

/* --- client add, client update --- */

static cb_status add(struct cb_cli *cli, const struct client_args *args, struct cb_client_record *out,
                     struct cb_err *err)
{
    struct cb_config *config = NULL;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_registration r = { 0 };
    CB_TRY(cb_cli_config(cli, args->config, &config, err));
    CB_TRY(fill(&cli->arena, args, &r, err));
    CB_TRY(check(cli, &r, config, out, err));
    CB_TRY(cb_cli_store(config, &store, err));
    return cb_store_client_add(store, out, err);
}

/* The revision makes sure that nobody else's change is lost. */
static cb_status update(struct cb_cli *cli, const struct client_args *args, struct cb_client_record *out,
                        struct cb_err *err)
{
    struct cb_config *config = NULL;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_client_record before = { 0 };
    struct cb_registration r = { 0 };
    CB_TRY(cb_cli_config(cli, args->config, &config, err));
    CB_TRY(cb_cli_store(config, &store, err));
    CB_TRY(cb_store_client_get(store, &cli->arena, cb_str_of(args->client_id), &before, err));
    CB_TRY(from_record(&cli->arena, &before, &r, err));
    CB_TRY(fill(&cli->arena, args, &r, err));
    CB_TRY(check(cli, &r, config, out, err));
    cb_registration_keep(&before, out);
    CB_TRY(cb_store_client_update(store, out, err));
    out->revision++;
    return CB_OK;
}

static int failed(struct cb_cli *cli, const struct cb_err *err)
{
    return err->code == CB_E_USAGE ? cb_cli_usage(cli, "%s", err->detail) : cb_cli_fail(cli, err);
}

static int run_add(struct cb_cli *cli, const void *given)
{
    const struct client_args *args = given;
    struct cb_client_record record = { 0 };
    struct cb_err err = { 0 };
    return CB_FAILED(add(cli, args, &record, &err)) ? failed(cli, &err)
                                                    : cb_record_print(cli, &record, args->json);
}

static int run_update(struct cb_cli *cli, const void *given)
{
    const struct client_args *args = given;
    struct cb_client_record record = { 0 };
    struct cb_err err = { 0 };
    return CB_FAILED(update(cli, args, &record, &err)) ? failed(cli, &err)
                                                       : cb_record_print(cli, &record, args->json);
}

#define AT(member) offsetof(struct client_args, member)
#define REGISTRATION_OPTIONS                                                                                 \
    CB_OPTION_CONFIG(client_args), { "name", "TEXT", false, AT(name), "what people call the client" },       \
        { "scope", "\"A B\"", false, AT(scope), "scopes it may have" },                                      \
        { "trust-group", "NAME", false, AT(trust_group),                                                     \
          "whose certificates it uses; the only group by default" },                                         \
        { "tls-client-auth-subject-dn", "DN", false, AT(subjects[CB_SUBJECT_DN]),                            \
          "its certificate's subject, in any tool's form" },                                                 \
        { "tls-client-auth-san-dns", "NAME", false, AT(subjects[CB_SUBJECT_SAN_DNS]),                        \
          "or a DNS name in it" },                                                                           \
        { "tls-client-auth-san-uri", "URI", false, AT(subjects[CB_SUBJECT_SAN_URI]), "or a URI" },           \
        { "tls-client-auth-san-ip", "ADDRESS", false, AT(subjects[CB_SUBJECT_SAN_IP]), "or an IP address" }, \
        { "tls-client-auth-san-email", "MAIL", false, AT(subjects[CB_SUBJECT_SAN_EMAIL]),                    \
          "or an email address" },                                                                           \
        { "certificate", "FILE", false, AT(certificate), "take the subject from this certificate" },         \
        { "jwks", "FILE", false, AT(jwks), "self-signed certificates: a JWK set with x5c" },                 \
        { "jwks-uri", "URL", false, AT(jwks_uri), "or where it is to be read" },                             \
        { "issuer-key", "DIGEST", false, AT(issuer_key),                                                     \
          "the only CA that may issue its certificates, as `certbound explain` prints it" },                 \
        { "issuer-certificate", "FILE", false, AT(issuer_certificate), "or that CA's certificate" },         \
        { "organisation-id", "ID", false, AT(organisation_id), "its organisation, in the scheme's words" },  \
        { "software-id", "ID", false, AT(software_id), "its software, likewise" },                           \
        { "grant-types", "\"A B\"", false, AT(grant_types), "client_credentials by default" },               \
        CB_OPTION_JSON(client_args)

static const struct cb_option add_options[] = {
    { "client-id", "ID", false, AT(client_id), "a random one by default" },
    REGISTRATION_OPTIONS,
};

const struct cb_command cb_command_client_add = {
    "client add",
    "Register a client",
    add_options,
    CB_COUNT(add_options),
    sizeof(struct client_args),
    run_add,
    .more = "Exactly one says who the client is: a subject, a SAN, --certificate, --jwks or --jwks-uri."
};

static const struct cb_option update_options[] = {
    { "CLIENT_ID", NULL, true, AT(client_id), "the client" },
    REGISTRATION_OPTIONS,
};

const struct cb_command cb_command_client_update = { "client update",
                                                     "Change a client; what no option names stays",
                                                     update_options,
                                                     CB_COUNT(update_options),
                                                     sizeof(struct client_args),
                                                     run_update,
                                                     .more = NULL };

/* --- client show, disable, enable, remove --- */

static int run_show(struct cb_cli *cli, const void *given)
{
    const struct client_args *args = given;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_client_record record = { 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_cli_store_at(cli, args->config, &store, &err)) ||
        CB_FAILED(cb_store_client_get(store, &cli->arena, cb_str_of(args->client_id), &record, &err))) {
        return cb_cli_fail(cli, &err);
    }
    return cb_record_print(cli, &record, args->json);
}

static int set_enabled(struct cb_cli *cli, const struct client_args *args, bool enabled)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_cli_store_at(cli, args->config, &store, &err)) ||
        CB_FAILED(
            cb_store_client_set_enabled(store, cb_str_of(args->client_id), enabled, cb_clock_unix(), &err))) {
        return cb_cli_fail(cli, &err);
    }
    (void)fprintf(cli->out, "%s is %s\n", args->client_id, enabled ? "enabled" : "disabled");
    return CB_EXIT_OK;
}

static int run_disable(struct cb_cli *cli, const void *given)
{
    return set_enabled(cli, given, false);
}

static int run_enable(struct cb_cli *cli, const void *given)
{
    return set_enabled(cli, given, true);
}

static int run_remove(struct cb_cli *cli, const void *given)
{
    const struct client_args *args = given;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_cli_store_at(cli, args->config, &store, &err)) ||
        CB_FAILED(cb_store_client_remove(store, cb_str_of(args->client_id), 0, &err))) {
        return cb_cli_fail(cli, &err);
    }
    (void)fprintf(cli->out, "%s is removed\n", args->client_id);
    return CB_EXIT_OK;
}

static const struct cb_option show_options[] = {
    { "CLIENT_ID", NULL, true, AT(client_id), "the client" },
    CB_OPTION_CONFIG(client_args),
    CB_OPTION_JSON(client_args),
};

static const struct cb_option one_options[] = {
    { "CLIENT_ID", NULL, true, AT(client_id), "the client" },
    CB_OPTION_CONFIG(client_args),
};

const struct cb_command cb_command_client_show = {
    "client show", "Show a client", show_options, CB_COUNT(show_options), sizeof(struct client_args),
    run_show,      .more = NULL
};
const struct cb_command cb_command_client_disable = {
    "client disable",
    "Give a client no more tokens",
    one_options,
    CB_COUNT(one_options),
    sizeof(struct client_args),
    run_disable,
    .more = "Tokens that it holds stay valid until they expire."
};
const struct cb_command cb_command_client_enable = { "client enable",
                                                     "Give a disabled client tokens again",
                                                     one_options,
                                                     CB_COUNT(one_options),
                                                     sizeof(struct client_args),
                                                     run_enable,
                                                     .more = NULL };
const struct cb_command cb_command_client_remove = {
    "client remove",
    "Forget a client",
    one_options,
    CB_COUNT(one_options),
    sizeof(struct client_args),
    run_remove,
    .more = "Tokens that it holds stay valid until they expire."
};
