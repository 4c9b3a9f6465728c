/* certbound explain: what the server sees in a certificate, and whom it authenticates. */
#include "cli/explain.h"

#include "base/file.h"
#include "base/limits.h"
#include "cli/commands.h"

struct explain_args {
    const char *certificate;
    const char *config;
    const char *client;
    bool json;
};

enum { CLIENTS_MAX = 64 }; /* that one certificate is reported to authenticate */

static void explanation_done(struct cb_explanation *e)
{
    cb_trust_groups_unref(e->trust);
}

static cb_status read_certificate(struct cb_explanation *e, const char *path, struct cb_err *err)
{
    struct cb_str pem;
    CB_TRY(cb_file_read(e->arena, path, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(e->arena, pem, &e->ders, &e->der_count, err));
    CB_ENSURE(e->der_count > 0, CB_E_CERT_MALFORMED, "%s holds no certificate", path);
    CB_ENSURE(e->der_count <= CB_LIMIT_CHAIN, CB_E_CERT_CHAIN, "%s holds more than %d certificates", path,
              CB_LIMIT_CHAIN);
    return cb_cert_parse(e->arena, e->ders[0], &e->cert, err);
}

static cb_status set_verdict(struct cb_arena *a, struct cb_str about, const struct cb_err *why,
                             struct cb_verdict *out, struct cb_err *err)
{
    *out = (struct cb_verdict){ .about = cb_arena_str(a, about),
                                .good = why->code == CB_E_NONE,
                                .reason = cb_code_reason(why->code),
                                .detail = cb_arena_str(a, cb_str_of(why->detail)) };
    CB_ENSURE(out->about.p != NULL && out->detail.p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

/* --- trust groups --- */

static void auto_path(struct cb_trust_path **p)
{
    cb_trust_path_unref(*p);
}

static cb_status check_chain(const struct cb_explanation *e, struct cb_str group, struct cb_trust_path **out,
                             struct cb_err *err)
{
    const struct cb_trust *trust = cb_trust_groups_find(e->trust, group);
    CB_ENSURE(trust != NULL, CB_E_TRUST_GROUP_UNKNOWN, "the configuration has no trust group " CB_STR_FMT,
              CB_STR_ARG(group));
    return cb_trust_check(trust, &e->cert, e->ders + 1, e->der_count - 1, e->now, out, err);
}

static cb_status issuer_key_of(const struct cb_explanation *e, const struct cb_trust_path *path,
                               struct cb_str *out, struct cb_err *err)
{
    char text[CB_KEY_HASH_TEXT];
    cb_key_hash_text(&path->links[0].issuer->key, text);
    *out = cb_arena_str(e->arena, cb_str_of(text));
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

static cb_status scopes_of(const struct cb_explanation *e, const struct cb_profile_facts *facts,
                           struct cb_str *out, struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, CB_MIB);
    cb_roles_print_scopes(e->config, facts, &b);
    CB_TRY(cb_buf_check(&b, err));
    *out = cb_arena_str(e->arena, cb_buf_str(&b));
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

static cb_status judge_group(struct cb_explanation *e, const struct cb_config_trust_group *group,
                             struct cb_group_verdict *out, struct cb_err *err)
{
    const struct cb_str name = cb_str_of(group->name);
    struct cb_err why = { 0 };
    CB_AUTO(auto_path) struct cb_trust_path *path = NULL;
    out->profile = group->profile;
    if (!CB_FAILED(check_chain(e, name, &path, &why)) &&
        !CB_FAILED(cb_profile_read(cb_profile_of_group(e->config, name), &e->cert, &out->facts, &why))) {
        CB_TRY(scopes_of(e, &out->facts, &out->scopes, err));
        CB_TRY(issuer_key_of(e, path, &out->issuer_key, err));
    }
    return set_verdict(e->arena, name, &why, &out->verdict, err);
}

static cb_status judge_groups(struct cb_explanation *e, struct cb_err *err)
{
    const size_t count = e->config->trust_group_count;
    CB_TRY(cb_trust_groups_load(e->config, &e->trust, err));
    e->groups = cb_arena_array(e->arena, count, sizeof *e->groups);
    CB_ENSURE(e->groups != NULL, CB_E_MEMORY, "explanation");
    for (size_t i = 0; i < count; i++) {
        CB_TRY(judge_group(e, &e->config->trust_groups[i], &e->groups[i], err));
        e->group_count++;
    }
    return CB_OK;
}

/* --- clients --- */

static cb_status check_group(const struct cb_explanation *e, const struct cb_client *client,
                             struct cb_err *err)
{
    struct cb_profile_facts facts = { .form = CB_FORM_NONE };
    CB_AUTO(auto_path) struct cb_trust_path *path = NULL;
    CB_TRY(check_chain(e, client->trust_group, &path, err));
    CB_TRY(cb_client_match_issuer(client, path, err));
    return cb_profile_read(cb_profile_of_group(e->config, client->trust_group), &e->cert, &facts, err);
}

/* The checks of client authentication; whose certificate it is stands first, so that others' clients drop
 * out. */
static cb_status authenticate(const struct cb_explanation *e, const struct cb_client *client,
                              struct cb_err *err)
{
    CB_TRY(cb_client_match(e->arena, client, &e->cert, err));
    CB_ENSURE(client->enabled, CB_E_CLIENT_DISABLED, "the client is disabled");
    CB_ENSURE(!client->suspended, CB_E_CLIENT_SUSPENDED, "the client's software statement has expired");
    CB_ENSURE(!e->revoked, CB_E_CERT_REVOKED, "the certificate was revoked here, by the operator");
    return client->method == CB_AUTH_TLS_CLIENT ? check_group(e, client, err) : CB_OK;
}

/* All that differs, where a refusal's line has room for the first, and what would match. */
static cb_status explain_mismatch(const struct cb_explanation *e, const struct cb_client *client,
                                  struct cb_client_verdict *out, struct cb_err *err)
{
    CB_TRY(cb_client_explain(e->arena, client, &e->cert, &out->verdict.detail, err));
    return client->method == CB_AUTH_TLS_CLIENT
               ? cb_subject_of_cert(e->arena, &e->cert, client->subject_kind, &out->subject, err)
               : CB_OK;
}

static bool is_somebody_else(const struct cb_err *why)
{
    return why->code == CB_E_CERT_SUBJECT_MISMATCH || why->code == CB_E_CERT_NOT_REGISTERED;
}

static cb_status note_revocation(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    (void)err;
    struct cb_explanation *e = ctx;
    const struct cb_str x5t = { (const char *)e->cert.x5t.b, sizeof e->cert.x5t.b };
    e->revoked = e->revoked || cb_str_eq(r->x5t, x5t);
    return CB_OK;
}

static cb_status judge_client(void *ctx, const struct cb_client_record *r, struct cb_err *err)
{
    struct cb_explanation *e = ctx;
    if ((e->wanted != NULL && !cb_str_is(r->client_id, e->wanted)) || e->client_count == CLIENTS_MAX) {
        return CB_OK;
    }
    CB_AUTO(cb_arena_done) struct cb_arena arena = { .max = CB_MIB };
    struct cb_client client = { 0 };
    struct cb_err why = { 0 };
    const bool understood = !CB_FAILED(cb_client_of(&arena, r, &client, &why));
    if (understood && !CB_FAILED(authenticate(e, &client, &why))) {
        cb_err_clear(&why);
    }
    if (e->wanted == NULL && is_somebody_else(&why)) {
        return CB_OK;
    }
    struct cb_client_verdict *out = &e->clients[e->client_count++];
    CB_TRY(set_verdict(e->arena, r->client_id, &why, &out->verdict, err));
    return is_somebody_else(&why) ? explain_mismatch(e, &client, out, err) : CB_OK;
}

static cb_status judge(struct cb_cli *cli, struct cb_explanation *e, const char *path, struct cb_err *err)
{
    struct cb_config *config = NULL;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    int64_t generation = 0;
    CB_TRY(cb_cli_config(cli, path, &config, err));
    e->config = config;
    CB_TRY(judge_groups(e, err));
    e->clients = cb_arena_array(e->arena, CLIENTS_MAX, sizeof *e->clients);
    CB_ENSURE(e->clients != NULL, CB_E_MEMORY, "explanation");
    CB_TRY(cb_cli_store(config, &store, err));
    const struct cb_registry_reader each = { .revocation = note_revocation,
                                             .client = judge_client,
                                             .ctx = e };
    CB_TRY(cb_store_read_registry(store, &each, &generation, err));
    CB_ENSURE(e->wanted == NULL || e->client_count > 0, CB_E_NOT_FOUND, "there is no client %.128s",
              e->wanted);
    return CB_OK;
}

static bool any_good(const struct cb_explanation *e)
{
    for (size_t i = 0; i < e->client_count; i++) {
        if (e->clients[i].verdict.good) {
            return true;
        }
    }
    return false;
}

static int run_explain(struct cb_cli *cli, const void *given)
{
    const struct explain_args *args = given;
    if (args->client != NULL && args->config == NULL) {
        return cb_cli_usage(cli, "--client needs --config");
    }
    struct cb_err err = { 0 };
    struct cb_explanation *e = cb_arena_alloc(&cli->arena, sizeof *e);
    if (e == NULL) {
        return cb_cli_refuse(cli, "no memory");
    }
    *e = (struct cb_explanation){ .arena = &cli->arena, .now = cb_clock_unix(), .wanted = args->client };
    int status = CB_EXIT_REFUSED;
    if (CB_FAILED(read_certificate(e, args->certificate, &err)) ||
        (args->config != NULL && CB_FAILED(judge(cli, e, args->config, &err)))) {
        status = cb_cli_fail(cli, &err);
    } else {
        status = args->json ? cb_explanation_print_json(cli, e) : cb_explanation_print(cli, e);
        status = e->config != NULL && !any_good(e) ? CB_EXIT_REFUSED : status;
    }
    explanation_done(e);
    return status;
}

static const struct cb_option explain_options[] = {
    { "CERT.pem", NULL, true, offsetof(struct explain_args, certificate),
      "the certificate, then its intermediates" },
    { "config", "FILE", false, offsetof(struct explain_args, config),
      "judge by this server's trust groups and clients" },
    { "client", "ID", false, offsetof(struct explain_args, client), "why it is, or is not, this client's" },
    CB_OPTION_JSON(explain_args),
};

const struct cb_command cb_command_explain = {
    "explain",
    "Show what the server sees in a certificate, and whom it authenticates",
    explain_options,
    CB_COUNT(explain_options),
    sizeof(struct explain_args),
    run_explain,
    .more = "With --config, exit status 1 when it authenticates nobody (with --client: not that client)."
};
