/* certbound client revocations, revoke-certificate, unrevoke-certificate: the operator's own word against a
 * certificate. */
#include "base/clock.h"
#include "base/limits.h"
#include "cli/cert_file.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "jose/base64url.h"
#include "partner/revoked.h"

struct revocation_args {
    const char *config;
    const char *client_id;
    const char *certificate;
    const char *not_after;
    const char *reason;
    bool json;
};

/* --- client revocations --- */

static cb_status list_json(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    struct cb_listing *l = ctx;
    cb_revocation_json(r, &l->json);
    return cb_buf_check(&l->text, err);
}

static cb_status list_row(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    (void)err;
    struct cb_listing *l = ctx;
    char revoked_at[CB_TIME_TEXT], expires_at[CB_TIME_TEXT] = "", x5t[CB_X5T_TEXT] = "";
    cb_time_text(r->revoked_at, revoked_at);
    if (r->expires_at != CB_NO_END) {
        cb_time_text(r->expires_at, expires_at);
    }
    cb_base64url_encode(r->x5t.p, r->x5t.n, x5t);
    cb_table_add(&l->table, (const struct cb_str[]){ cb_str_of(revoked_at), cb_str_of(x5t), r->client_id,
                                                     cb_str_of(expires_at), r->reason });
    return CB_OK;
}

static cb_status read_list(struct cb_cli *cli, const struct revocation_args *args, struct cb_listing *l,
                           struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    const struct cb_revocation_page all = { .client_id = cb_str_of(args->client_id), .limit = INT64_MAX };
    CB_TRY(cb_cli_store_at(cli, args->config, &store, err));
    return cb_store_revocation_page(store, &all, l->as_json ? list_json : list_row, l, err);
}

static int run_revocations(struct cb_cli *cli, const void *given)
{
    const struct revocation_args *args = given;
    struct cb_listing l CB_AUTO(cb_listing_done);
    struct cb_err err = { 0 };
    CB_LISTING_BEGIN(&l, cli, args->json, "revocations", CB_STR("REVOKED_AT"), CB_STR("X5T#S256"),
                     CB_STR("CLIENT_ID"), CB_STR("EXPIRES_AT"), CB_STR("REASON"));
    return cb_listing_end(&l, read_list(cli, args, &l, &err), &err);
}

/* --- client revoke-certificate, client unrevoke-certificate --- */

/* A certificate named by its thumbprint or by a file. */
static cb_status name(struct cb_arena *a, const struct revocation_args *args, struct cb_revocation_wish *out,
                      struct cb_err *err)
{
    const struct cb_str text = cb_str_of(args->certificate);
    struct cb_cert cert = { 0 };
    size_t length = 0;
    if (text.n == CB_X5T_TEXT - 1 &&
        !CB_FAILED(cb_base64url_decode(text, out->x5t.b, sizeof out->x5t.b, &length, NULL))) {
        return CB_OK;
    }
    CB_ENSURE(args->not_after == NULL, CB_E_USAGE,
              "--not-after goes with a thumbprint; a file says it itself");
    CB_TRY(cb_cert_of_file(a, args->certificate, &cert, err));
    out->x5t = cert.x5t;
    out->not_after = cert.not_after;
    return CB_OK;
}

/* One that has ended already would be forgotten with the next revocation: then it is a mistake. */
static cb_status read_end(const char *text, int64_t now, int64_t *out, struct cb_err *err)
{
    CB_ENSURE(text == NULL || (cb_time_of(text, strlen(text), out) && *out > now), CB_E_USAGE,
              "--not-after takes a time to come, such as 2030-01-31T23:59:59Z");
    return CB_OK;
}

static void auto_trust(struct cb_trust_groups **t)
{
    cb_trust_groups_unref(*t);
}

static cb_status revoke(struct cb_cli *cli, const struct revocation_args *args,
                        struct cb_revocation_record *out, struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_AUTO(auto_trust) struct cb_trust_groups *trust = NULL;
    struct cb_config *config = NULL;
    const int64_t now = cb_clock_unix();
    struct cb_revocation_wish wish = { .reason = cb_str_of(args->reason) };
    CB_TRY(name(&cli->arena, args, &wish, err));
    CB_TRY(read_end(args->not_after, now, &wish.not_after, err));
    CB_TRY(cb_cli_config(cli, args->config, &config, err));
    CB_TRY(cb_cli_store(config, &store, err));
    (void)cb_trust_groups_load(config, &trust, NULL).v_; /* files that cannot be read hold up no revocation */
    return cb_certificate_revoke(store, trust, &cli->arena, &wish, now, out, err);
}

static int failed(struct cb_cli *cli, const struct cb_err *err)
{
    return err->code == CB_E_USAGE ? cb_cli_usage(cli, "%s", err->detail) : cb_cli_fail(cli, err);
}

static int run_revoke(struct cb_cli *cli, const void *given)
{
    struct cb_revocation_record r = { .revoked_at = 0 };
    struct cb_err err = { 0 };
    char text[CB_X5T_TEXT];
    if (CB_FAILED(revoke(cli, given, &r, &err))) {
        return failed(cli, &err);
    }
    cb_base64url_encode(r.x5t.p, r.x5t.n, text);
    text[CB_X5T_TEXT - 1] = '\0';
    if (r.client_id.n > 0) {
        (void)fprintf(cli->out, "%s of " CB_STR_FMT " is revoked\n", text, CB_STR_ARG(r.client_id));
    } else {
        (void)fprintf(cli->out, "%s is revoked; no client was seen with it\n", text);
    }
    return CB_EXIT_OK;
}

static cb_status unrevoke(struct cb_cli *cli, const struct revocation_args *args,
                          struct cb_revocation_wish *out, struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_TRY(name(&cli->arena, args, out, err));
    CB_TRY(cb_cli_store_at(cli, args->config, &store, err));
    return cb_store_revocation_remove(store, (struct cb_str){ (const char *)out->x5t.b, sizeof out->x5t.b },
                                      err);
}

static int run_unrevoke(struct cb_cli *cli, const void *given)
{
    struct cb_revocation_wish named = { .not_after = 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(unrevoke(cli, given, &named, &err))) {
        return failed(cli, &err);
    }
    char text[CB_X5T_TEXT];
    cb_x5t_text(&named.x5t, text);
    (void)fprintf(cli->out, "%s is no longer revoked here\n", text);
    return CB_EXIT_OK;
}

/* --- tables --- */

#define AT(member) offsetof(struct revocation_args, member)

static const struct cb_option list_options[] = {
    { "CLIENT_ID", NULL, false, AT(client_id), "of one client only" },
    CB_OPTION_CONFIG(revocation_args),
    CB_OPTION_JSON(revocation_args),
};
static const struct cb_option revoke_options[] = {
    { "CERTIFICATE", NULL, true, AT(certificate), "its thumbprint, x5t#S256, or its PEM file" },
    { "not-after", "TIME", false, AT(not_after), "when it ends, where a thumbprint alone does not tell" },
    { "reason", "TEXT", false, AT(reason), "for people" },
    CB_OPTION_CONFIG(revocation_args),
};
static const struct cb_option unrevoke_options[] = {
    { "CERTIFICATE", NULL, true, AT(certificate), "its thumbprint, x5t#S256, or its PEM file" },
    CB_OPTION_CONFIG(revocation_args),
};

const struct cb_command cb_command_client_revocations = { "client revocations",
                                                          "List the certificates revoked here",
                                                          list_options,
                                                          CB_COUNT(list_options),
                                                          sizeof(struct revocation_args),
                                                          run_revocations,
                                                          .more = NULL };
const struct cb_command cb_command_client_revoke_certificate = {
    "client revoke-certificate",
    "Accept a certificate no more, whatever its issuer says",
    revoke_options,
    CB_COUNT(revoke_options),
    sizeof(struct revocation_args),
    run_revoke,
    .more =
        "Live connections with it are refused too, within a second. The client can use another certificate.\n"
        "The revocation is forgotten when the certificate has ended. Of a thumbprint that no client was\n"
        "seen with, --not-after tells when; otherwise it is kept until it is taken back."
};
const struct cb_command cb_command_client_unrevoke_certificate = {
    "client unrevoke-certificate",
    "Take a revocation back",
    unrevoke_options,
    CB_COUNT(unrevoke_options),
    sizeof(struct revocation_args),
    run_unrevoke,
    .more = "What its issuer revoked stays refused."
};
