/* certbound explain: what the server sees in a certificate, and whom it authenticates. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/explain_text.h"

struct explain_args {
    const char *certificate;
    const char *config;
    const char *client;
    const char *trust_group;
    bool json;
};

/* What the store says, first of revocations. */
struct reading {
    struct cb_explanation *e;
    struct cb_explain_world world;
    struct cb_str only_group;
    bool judged;
};

static cb_status note_revocation(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    (void)err;
    struct reading *reading = ctx;
    const struct cb_x5t *x5t = &reading->e->cert.x5t;
    if (cb_str_eq(r->x5t, (struct cb_str){ (const char *)x5t->b, sizeof x5t->b })) {
        reading->world.revoked_here = true;
    }
    return CB_OK;
}

static cb_status judge_groups(struct reading *r, struct cb_err *err)
{
    if (!r->judged) {
        r->judged = true;
        CB_TRY(cb_explain_groups(r->e, &r->world, r->only_group, err));
    }
    return CB_OK;
}

static cb_status judge_client(void *ctx, const struct cb_client_record *record, struct cb_err *err)
{
    struct reading *r = ctx;
    CB_AUTO(cb_arena_done) struct cb_arena arena = { .max = CB_MIB };
    struct cb_client client = { 0 };
    struct cb_err why = { 0 };
    CB_TRY(judge_groups(r, err));
    if (CB_FAILED(cb_client_of(&arena, record, &client, &why))) {
        return cb_explain_unreadable(r->e, record->client_id, &why, err);
    }
    return cb_explain_client(r->e, &client, err);
}

static void auto_trust(struct cb_trust_groups **t)
{
    cb_trust_groups_unref(*t);
}

static cb_status judge(struct cb_cli *cli, const struct explain_args *args, struct cb_explanation *e,
                       struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_AUTO(auto_trust) struct cb_trust_groups *trust = NULL;
    struct cb_config *config = NULL;
    int64_t generation = 0;
    CB_TRY(cb_cli_config(cli, args->config, &config, err));
    CB_TRY(cb_trust_groups_load(config, &trust, err));
    CB_TRY(cb_cli_store(config, &store, err));
    struct reading r = { .e = e,
                         .world = { .config = config, .trust = trust },
                         .only_group = cb_str_of(args->trust_group) };
    const struct cb_registry_reader each = { .revocation = note_revocation,
                                             .client = judge_client,
                                             .ctx = &r };
    e->only_client = cb_str_of(args->client);
    CB_TRY(cb_store_read_registry(store, &each, &generation, err));
    CB_TRY(judge_groups(&r, err)); /* without any client */
    CB_TRY(cb_explain_near_misses(e, err));
    e->world.trust = NULL; /* its time is over */
    CB_ENSURE(args->client == NULL || e->client_count > 0, CB_E_NOT_FOUND, "there is no client %.128s",
              args->client);
    return CB_OK;
}

static cb_status explain(struct cb_cli *cli, const struct explain_args *args, struct cb_explanation *e,
                         struct cb_err *err)
{
    struct cb_str pem;
    CB_TRY(cb_file_read(&cli->arena, args->certificate, CB_LIMIT_PEM_FILE, &pem, err));
    struct cb_err why = { 0 };
    CB_ENSURE(!CB_FAILED(cb_explain_certificate(&cli->arena, pem, cb_clock_unix(), e, &why)), why.code,
              "%.100s: %.140s", args->certificate, why.detail);
    return args->config == NULL ? CB_OK : judge(cli, args, e, err);
}

static int print_json(struct cb_cli *cli, const struct cb_explanation *e)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_explanation_json(e, &j);
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

static int run_explain(struct cb_cli *cli, const void *given)
{
    const struct explain_args *args = given;
    struct cb_explanation e = { .now = 0 };
    struct cb_err err = { 0 };
    if ((args->client != NULL || args->trust_group != NULL) && args->config == NULL) {
        return cb_cli_usage(cli, "--client and --trust-group need --config");
    }
    if (CB_FAILED(explain(cli, args, &e, &err))) {
        return cb_cli_fail(cli, &err);
    }
    const int status = args->json ? print_json(cli, &e) : cb_explanation_print(cli, &e);
    return e.world.config != NULL && !cb_explanation_is_good(&e) ? CB_EXIT_REFUSED : status;
}

static const struct cb_option explain_options[] = {
    { "CERT.pem", NULL, true, offsetof(struct explain_args, certificate),
      "the certificate, then its intermediates" },
    { "config", "FILE", false, offsetof(struct explain_args, config),
      "judge by this server's trust groups and clients" },
    { "client", "ID", false, offsetof(struct explain_args, client), "why it is, or is not, this client's" },
    { "trust-group", "NAME", false, offsetof(struct explain_args, trust_group), "of the groups, only this" },
    CB_OPTION_JSON(explain_args),
};

const struct cb_command cb_command_explain = {
    "explain",
    "Show what the server sees in a certificate, and whom it authenticates",
    explain_options,
    CB_COUNT(explain_options),
    sizeof(struct explain_args),
    run_explain,
    .more = "With --config, exit status 1 when it authenticates nobody (with --client: not that client); the "
            "clients\n"
            "whose registered names are nearly its own are then near misses, at most three."
};
