/* certbound explain: what the server sees in a certificate, and whom it authenticates. */
#include "base/clock.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "partner/match.h"
#include "partner/registry.h"

struct explain_args {
    const char *certificate;
    const char *config;
    const char *client;
    bool json;
};

/* What is found out about one thing: good, or why not. */
struct verdict {
    struct cb_str about; /* a trust group, a client */
    bool good;
    const char *reason;
    const char *detail;
};

enum { VERDICTS_MAX = 64 };

struct explanation {
    struct cb_arena *arena;
    int64_t now;
    struct cb_str *ders; /* the certificate, then what else is in the file: the chain it presents */
    size_t der_count;
    struct cb_cert cert;
    struct cb_trust_groups *trust;
    struct verdict groups[VERDICTS_MAX], clients[VERDICTS_MAX];
    size_t group_count, client_count;
    const char *wanted; /* --client; NULL: report those it authenticates */
};

static void explanation_done(struct explanation *e)
{
    cb_trust_groups_unref(e->trust);
}

static cb_status read_certificate(struct explanation *e, const char *path, struct cb_err *err)
{
    struct cb_str pem;
    CB_TRY(cb_file_read(e->arena, path, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(e->arena, pem, &e->ders, &e->der_count, err));
    CB_ENSURE(e->der_count > 0, CB_E_CERT_MALFORMED, "%s holds no certificate", path);
    CB_ENSURE(e->der_count <= CB_LIMIT_CHAIN, CB_E_CERT_CHAIN, "%s holds more than %d certificates", path,
              CB_LIMIT_CHAIN);
    return cb_cert_parse(e->arena, e->ders[0], &e->cert, err);
}

static cb_status add_verdict(struct cb_arena *a, struct verdict *all, size_t *count, struct cb_str about,
                             const struct cb_err *why, struct cb_err *err)
{
    if (*count == VERDICTS_MAX) {
        return CB_OK;
    }
    struct verdict v = { .about = cb_arena_str(a, about), .good = why->code == CB_E_NONE };
    v.reason = cb_code_reason(why->code);
    v.detail = cb_arena_cstr(a, cb_str_of(why->detail));
    CB_ENSURE(v.about.p != NULL && v.detail != NULL, CB_E_MEMORY, "explanation");
    all[(*count)++] = v;
    return CB_OK;
}

/* --- trust --- */

static void auto_path(struct cb_trust_path **p)
{
    cb_trust_path_unref(*p);
}

/* With a client: also whether its issuer is the one it is pinned to. */
static cb_status chain_verdict(const struct explanation *e, struct cb_str group,
                               const struct cb_client *client, struct cb_err *err)
{
    const struct cb_trust *trust = cb_trust_groups_find(e->trust, group);
    CB_ENSURE(trust != NULL, CB_E_TRUST_GROUP_UNKNOWN, "the configuration has no trust group " CB_STR_FMT,
              CB_STR_ARG(group));
    CB_AUTO(auto_path) struct cb_trust_path *path = NULL;
    CB_TRY(cb_trust_check(trust, &e->cert, e->ders + 1, e->der_count - 1, e->now, &path, err));
    return client == NULL ? CB_OK : cb_client_match_issuer(client, path, err);
}

static cb_status judge_groups(struct explanation *e, const struct cb_config *config, struct cb_err *err)
{
    CB_TRY(cb_trust_groups_load(config, &e->trust, err));
    for (size_t i = 0; i < config->trust_group_count; i++) {
        struct cb_err why = { 0 };
        const struct cb_str name = cb_str_of(config->trust_groups[i].name);
        (void)CB_FAILED(chain_verdict(e, name, NULL, &why));
        CB_TRY(add_verdict(e->arena, e->groups, &e->group_count, name, &why, err));
    }
    return CB_OK;
}

/* --- clients --- */

/* The checks of client authentication, in its order: enabled, whose certificate, which chain. */
static cb_status authenticate(const struct explanation *e, const struct cb_client *client, struct cb_err *err)
{
    CB_ENSURE(client->enabled, CB_E_CLIENT_DISABLED, "the client is disabled");
    CB_TRY(cb_client_match(e->arena, client, &e->cert, err));
    return client->method == CB_AUTH_TLS_CLIENT ? chain_verdict(e, client->trust_group, client, err) : CB_OK;
}

static cb_status judge_client(void *ctx, const struct cb_client_record *r, struct cb_err *err)
{
    struct explanation *e = ctx;
    if (e->wanted != NULL && !cb_str_is(r->client_id, e->wanted)) {
        return CB_OK;
    }
    CB_AUTO(cb_arena_done) struct cb_arena arena = { .max = CB_MIB };
    struct cb_client client = { 0 };
    struct cb_err why = { 0 };
    cb_status verdict = cb_client_of(&arena, r, &client, &why);
    if (!CB_FAILED(verdict)) {
        verdict = authenticate(e, &client, &why);
    }
    /* Without --client, a client whose name does not match is somebody else. */
    const bool other = why.code == CB_E_CERT_SUBJECT_MISMATCH || why.code == CB_E_CERT_NOT_REGISTERED;
    return CB_FAILED(verdict) && other && e->wanted == NULL
               ? CB_OK
               : add_verdict(e->arena, e->clients, &e->client_count, r->client_id, &why, err);
}

static cb_status judge(struct cb_cli *cli, struct explanation *e, const char *path, struct cb_err *err)
{
    struct cb_config *config = NULL;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    int64_t generation = 0;
    CB_TRY(cb_cli_config(cli, path, &config, err));
    CB_TRY(judge_groups(e, config, err));
    CB_TRY(cb_cli_store(config, &store, err));
    CB_TRY(cb_store_read_registry(store, &(struct cb_registry_reader){ .client = judge_client, .ctx = e },
                                  &generation, err));
    CB_ENSURE(e->wanted == NULL || e->client_count > 0, CB_E_NOT_FOUND, "there is no client %.128s",
              e->wanted);
    return CB_OK;
}

/* --- output --- */

struct facts {
    struct cb_str subject, issuer, sans;
    char x5t[CB_X5T_TEXT];
    char not_before[CB_TIME_TEXT], not_after[CB_TIME_TEXT];
};

static struct cb_str text_of(struct cb_arena *a, struct cb_buf *b)
{
    const struct cb_str s = cb_arena_str(a, cb_buf_str(b));
    cb_buf_reset(b);
    return s;
}

static void collect(const struct explanation *e, struct facts *f)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 256 * CB_KIB);
    if (e->cert.subject != NULL) {
        cb_name_print(e->cert.subject, &b);
    }
    f->subject = text_of(e->arena, &b);
    if (e->cert.issuer != NULL) {
        cb_name_print(e->cert.issuer, &b);
    }
    f->issuer = text_of(e->arena, &b);
    cb_cert_print_sans(&e->cert, &b);
    f->sans = text_of(e->arena, &b);
    cb_x5t_text(&e->cert.x5t, f->x5t);
    cb_time_text(e->cert.not_before, f->not_before);
    cb_time_text(e->cert.not_after, f->not_after);
}

static void print_verdicts(struct cb_table *t, struct cb_arena *a, const char *what,
                           const struct verdict *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct cb_buf b CB_AUTO(cb_buf_done);
        cb_buf_init(&b, 4 * CB_KIB);
        cb_buf_add_str(&b, all[i].about);
        cb_buf_add_cstr(&b, all[i].good ? ": yes" : ": no, ");
        cb_buf_add_cstr(&b, all[i].good ? "" : all[i].reason);
        cb_buf_add_cstr(&b, all[i].detail[0] == '\0' ? "" : ": ");
        cb_buf_add_cstr(&b, all[i].detail);
        cb_table_add(t, (const struct cb_str[]){ cb_str_of(what), text_of(a, &b) });
    }
}

static int print_text(struct cb_cli *cli, const struct explanation *e, const struct facts *f, bool judged)
{
    const struct cb_str rows[][2] = {
        { CB_STR("subject"), f->subject },
        { CB_STR("issuer"), f->issuer },
        { CB_STR("sans"), f->sans },
        { CB_STR("not_before"), cb_str_of(f->not_before) },
        { CB_STR("not_after"), cb_str_of(f->not_after) },
        { CB_STR("x5t#S256"), cb_str_of(f->x5t) },
    };
    struct cb_table t;
    struct cb_err err = { 0 };
    cb_table_init(&t, e->arena, 2);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        if (rows[i][1].n > 0) {
            cb_table_add(&t, rows[i]);
        }
    }
    print_verdicts(&t, e->arena, "trusted by", e->groups, e->group_count);
    print_verdicts(&t, e->arena, "authenticates", e->clients, e->client_count);
    if (judged && e->client_count == 0) {
        cb_table_add(&t, (const struct cb_str[]){ CB_STR("authenticates"), CB_STR("no registered client") });
    }
    return CB_FAILED(cb_table_print(&t, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

static void json_verdicts(struct cb_json_out *j, const char *key, const char *name, const struct verdict *all,
                          size_t n)
{
    cb_json_key(j, key);
    cb_json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        cb_json_open(j, '{');
        cb_json_put_str(j, name, all[i].about);
        cb_json_put_bool(j, "good", all[i].good);
        if (!all[i].good) {
            cb_json_put_cstr(j, "reason", all[i].reason);
            cb_json_put_cstr(j, "detail", all[i].detail);
        }
        cb_json_close(j, '}');
    }
    cb_json_close(j, ']');
}

static int print_json(struct cb_cli *cli, const struct explanation *e, const struct facts *f, bool judged)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "subject", f->subject);
    cb_json_put_str(&j, "issuer", f->issuer);
    cb_json_put_str(&j, "sans", f->sans);
    cb_json_put_cstr(&j, "not_before", f->not_before);
    cb_json_put_cstr(&j, "not_after", f->not_after);
    cb_json_put_cstr(&j, "x5t#S256", f->x5t);
    if (judged) {
        json_verdicts(&j, "trust_groups", "name", e->groups, e->group_count);
        json_verdicts(&j, "clients", "client_id", e->clients, e->client_count);
    }
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

static bool any_good(const struct explanation *e)
{
    for (size_t i = 0; i < e->client_count; i++) {
        if (e->clients[i].good) {
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
    struct explanation *e = cb_arena_alloc(&cli->arena, sizeof *e);
    if (e == NULL) {
        return cb_cli_refuse(cli, "no memory");
    }
    *e = (struct explanation){ .arena = &cli->arena, .now = cb_clock_unix(), .wanted = args->client };
    int status = CB_EXIT_REFUSED;
    if (CB_FAILED(read_certificate(e, args->certificate, &err)) ||
        (args->config != NULL && CB_FAILED(judge(cli, e, args->config, &err)))) {
        status = cb_cli_fail(cli, &err);
    } else {
        struct facts f = { 0 };
        collect(e, &f);
        const bool judged = args->config != NULL;
        status = args->json ? print_json(cli, e, &f, judged) : print_text(cli, e, &f, judged);
        status = judged && !any_good(e) ? CB_EXIT_REFUSED : status;
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
