/* certbound client check-registration: every rule of dynamic registration on a file, without a server. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "oauth/exchange.h"
#include "oauth/report.h"
#include "onboarding/directories.h"
#include "onboarding/record.h"
#include "partner/peer.h"
#include "partner/registry.h"

struct check_args {
    const char *request;
    const char *config;
    const char *certificate;
    const char *directory;
    const char *directory_jwks, *software_jwks;
    bool json;
};

/* What is found out, and what has to be freed. */
struct check {
    struct cb_cli *cli;
    const struct check_args *args;
    struct cb_config *config;
    struct cb_directories *directories;
    struct cb_key_set *directory_keys, *software_keys;
    struct cb_trust_groups *trust;
    struct cb_peer *peer;
    struct cb_application application;
    struct cb_report report;
    struct cb_client_record record;
};

static void check_done(struct check *c)
{
    cb_directories_unref(c->directories);
    cb_key_set_unref(c->directory_keys);
    cb_key_set_unref(c->software_keys);
    cb_trust_groups_unref(c->trust);
    cb_peer_free(c->peer);
}

/* --- reading --- */

static struct cb_str trimmed(struct cb_str s)
{
    while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) != NULL) {
        s.n--;
    }
    return s;
}

static cb_status read_request(struct check *c, struct cb_err *err)
{
    struct cb_str body = { 0 };
    struct cb_err why = { 0 };
    CB_TRY(cb_file_read(&c->cli->arena, c->args->request, CB_LIMIT_REGISTRATION, &body, err));
    body = trimmed(body);
    const bool is_signed = body.n > 0 && body.p[0] != '{';
    if (CB_FAILED(cb_application_read(&c->cli->arena, body, is_signed, c->config, cb_clock_unix(),
                                      &c->application, &why))) {
        CB_ENSURE(cb_code_class(why.code) == CB_CLASS_PROTOCOL, why.code, "%.200s", why.detail);
        return cb_report_add(&c->report, &c->cli->arena, "application", why.code, why.detail, err);
    }
    CB_ENSURE(c->args->directory == NULL ||
                  cb_str_is(cb_str_of(c->args->directory), c->application.directory->name),
              CB_E_REGISTRATION, "the software statement is of directory %s, not %.64s",
              c->application.directory->name, c->args->directory);
    return CB_OK;
}

/* --- what the rules need --- */

static cb_status keys_of_file(struct check *c, const char *path, struct cb_key_set **out, struct cb_err *err)
{
    struct cb_str text = { 0 };
    CB_TRY(cb_file_read(&c->cli->arena, path, CB_LIMIT_JWK_SET, &text, err));
    return cb_key_set_parse(text, out, err);
}

static cb_status verify_statement(struct check *c, struct cb_err *err)
{
    struct cb_application *app = &c->application;
    CB_TRY(cb_directories_load(c->config, &c->directories, err));
    const struct cb_key_set *keys = cb_directories_keys(c->directories, app->directory);
    if (c->args->directory_jwks != NULL) {
        CB_TRY(keys_of_file(c, c->args->directory_jwks, &c->directory_keys, err));
        keys = c->directory_keys;
    }
    if (keys != NULL) {
        (void)CB_FAILED(cb_signed_verify(&app->statement, keys, &app->statement_verdict));
        app->has |= CB_HAS_STATEMENT_KEYS;
    }
    return CB_OK;
}

static cb_status verify_request(struct check *c, struct cb_err *err)
{
    struct cb_application *app = &c->application;
    if (app->is_signed && c->args->software_jwks != NULL) {
        CB_TRY(keys_of_file(c, c->args->software_jwks, &c->software_keys, err));
        (void)CB_FAILED(cb_signed_verify(&app->request, c->software_keys, &app->request_verdict));
        app->has |= CB_HAS_REQUEST_KEYS;
    }
    return CB_OK;
}

static cb_status read_peer(struct check *c, struct cb_err *err)
{
    struct cb_str pem = { 0 }, *ders = NULL;
    size_t count = 0;
    CB_TRY(cb_file_read(&c->cli->arena, c->args->certificate, CB_LIMIT_PEM_FILE, &pem, err));
    CB_TRY(cb_cert_pem_bundle(&c->cli->arena, pem, &ders, &count, err));
    CB_ENSURE(count > 0, CB_E_CERT_MALFORMED, "%s holds no certificate in PEM", c->args->certificate);
    c->peer = cb_peer_new(ders, count);
    CB_ENSURE(c->peer != NULL, CB_E_MEMORY, "certificate");
    return cb_peer_cert(c->peer, &c->application.certificate, err);
}

static cb_status judge_chain(struct check *c, struct cb_err *err)
{
    struct cb_application *app = &c->application;
    const struct cb_trust *trust = cb_trust_groups_find(c->trust, cb_str_of(app->directory->trust_group));
    CB_ENSURE(trust != NULL, CB_E_TRUST_GROUP_UNKNOWN, "trust group %s is not configured",
              app->directory->trust_group);
    CB_TRY(cb_peer_check(c->peer, trust, 1, app->now, NULL, err));
    return cb_profile_read(cb_application_profile(app), app->certificate, &app->facts, err);
}

static cb_status judge_certificate(struct check *c, struct cb_err *err)
{
    if (c->args->certificate == NULL) {
        return CB_OK;
    }
    CB_TRY(read_peer(c, err));
    CB_TRY(cb_trust_groups_load(c->config, &c->trust, err));
    (void)CB_FAILED(judge_chain(c, &c->application.certificate_verdict));
    c->application.has |= CB_HAS_CERTIFICATE;
    return CB_OK;
}

static cb_status judge(struct check *c, struct cb_err *err)
{
    CB_TRY(cb_cli_config(c->cli, c->args->config, &c->config, err));
    CB_TRY(read_request(c, err));
    if (c->report.count > 0) {
        return CB_OK;
    }
    CB_TRY(verify_statement(c, err));
    CB_TRY(verify_request(c, err));
    CB_TRY(judge_certificate(c, err));
    CB_TRY(cb_rules_judge(&c->application, &c->report, err));
    return c->report.count == 0 ? cb_application_record(&c->application, &c->report, &c->record, err) : CB_OK;
}

/* --- output --- */

static int print_json(struct check *c)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_report_write(&c->report, c->report.count == 0 ? &c->record : NULL, &j);
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(c->cli, &text);
}

static int print_text(struct check *c)
{
    struct cb_table t;
    struct cb_err err = { 0 };
    cb_table_init(&t, &c->cli->arena, 3);
    for (size_t i = 0; i < c->report.count; i++) {
        const struct cb_violation *v = &c->report.violations[i];
        cb_table_add(&t, (const struct cb_str[]){ cb_str_of(v->rule), cb_str_of(cb_error_of(v->code)->error),
                                                  cb_str_of(v->text) });
    }
    for (size_t i = 0; i < c->report.unjudged_count; i++) {
        cb_table_add(&t, (const struct cb_str[]){ cb_str_of(c->report.unjudged[i]), CB_STR("-"),
                                                  CB_STR("not judged: see --help for what it needs") });
    }
    if (c->report.count == 0) {
        cb_table_add(&t, (const struct cb_str[]){ CB_STR("scope"), CB_STR("ok"), c->record.scope });
    }
    return CB_FAILED(cb_table_print(&t, c->cli->out, &err)) ? cb_cli_fail(c->cli, &err) : CB_EXIT_OK;
}

static int run_check(struct cb_cli *cli, const void *given)
{
    struct check *c = cb_arena_alloc(&cli->arena, sizeof *c);
    if (c == NULL) {
        return cb_cli_refuse(cli, "no memory");
    }
    struct cb_err err = { 0 };
    *c = (struct check){ .cli = cli, .args = given };
    int status = CB_EXIT_REFUSED;
    if (CB_FAILED(judge(c, &err))) {
        status = cb_cli_fail(cli, &err);
    } else {
        status = c->args->json ? print_json(c) : print_text(c);
        status = c->report.count > 0 ? CB_EXIT_REFUSED : status;
    }
    check_done(c);
    return status;
}

#define AT(member) offsetof(struct check_args, member)
static const struct cb_option options[] = {
    { "FILE", NULL, true, AT(request), "the body of POST /register: JSON, or a signed request" },
    CB_OPTION_CONFIG(check_args),
    { "certificate", "FILE", false, AT(certificate), "the partner's, then its intermediates" },
    { "directory", "NAME", false, AT(directory), "which must have issued the software statement" },
    { "directory-jwks", "FILE", false, AT(directory_jwks), "its keys, where the configuration names a URL" },
    { "software-jwks", "FILE", false, AT(software_jwks), "the keys of software_jwks_endpoint" },
    CB_OPTION_JSON(check_args),
};

const struct cb_command cb_command_client_check_registration = {
    "client check-registration",
    "Judge a registration request by every rule",
    options,
    CB_COUNT(options),
    sizeof(struct check_args),
    run_check,
    .more =
        "Nothing is stored and nothing is fetched: what a rule needs and is not given leaves it unjudged.\n"
        "Exit status 1 when a rule is broken."
};
