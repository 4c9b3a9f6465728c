/* certbound directory ...: a small directory for demos and tests. It vouches for partners with software
 * statements; a real scheme's is run by the scheme. */
#include "cli/demo/directory.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/signer.h"

struct directory_args {
    const char *dir;
    const char *issuer;
    const char *claims;
    const char *lifetime;
};

static int run_init(struct cb_cli *cli, const void *given)
{
    const struct directory_args *args = given;
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_signer_make(args->dir, CB_ALG_PS256, &err))) {
        return cb_cli_fail(cli, &err);
    }
    (void)fprintf(cli->out, "%s/signer.jwks is its key set; signer.key stays where it is\n", args->dir);
    return CB_EXIT_OK;
}

bool cb_directory_lifetime(const char *text, int64_t *out)
{
    int64_t n = 0;
    for (const char *p = text == NULL ? "0" : text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || n > INT64_C(1000000000)) {
            return false;
        }
        n = n * 10 + (*p - '0');
    }
    *out = n;
    return text == NULL || *text != '\0';
}

static cb_status statement(struct cb_cli *cli, const struct directory_args *args, int64_t lifetime_s,
                           struct cb_buf *out, struct cb_err *err)
{
    struct cb_signer_claims c = { .issuer = args->issuer, .now = cb_clock_unix(), .lifetime_s = lifetime_s };
    CB_TRY(cb_file_read(&cli->arena, args->claims, CB_LIMIT_METADATA, &c.claims, err));
    return cb_signer_sign(args->dir, &c, out, err);
}

static int run_statement(struct cb_cli *cli, const void *given)
{
    const struct directory_args *args = given;
    struct cb_buf text CB_AUTO(cb_buf_done);
    struct cb_err err = { 0 };
    int64_t lifetime_s = 0;
    cb_buf_init(&text, CB_MIB);
    if (!cb_directory_lifetime(args->lifetime, &lifetime_s)) {
        return cb_cli_usage(cli, CB_DIRECTORY_LIFETIME_WRONG);
    }
    if (CB_FAILED(statement(cli, args, lifetime_s, &text, &err))) {
        return cb_cli_fail(cli, &err);
    }
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

#define AT(member) offsetof(struct directory_args, member)

static const struct cb_option init_options[] = {
    { "dir", "DIR", true, AT(dir), "the folder to make" },
};
const struct cb_command cb_command_directory_init = {
    "directory init",
    "Make a key pair that signs statements or requests",
    init_options,
    CB_COUNT(init_options),
    sizeof(struct directory_args),
    run_init,
    .more = "For demos and tests, and for a partner's own signing key. DIR/signer.jwks is for "
            "`directories[].jwks`."
};

static const struct cb_option statement_options[] = {
    { "dir", "DIR", true, AT(dir), "the folder that `directory init` made" },
    { "issuer", "TEXT", true, AT(issuer), "what the statement says in `iss`" },
    { "claims", "FILE", true, AT(claims), "a JSON object with the other claims" },
    { "lifetime", "SECONDS", false, AT(lifetime), "from iat to exp; left out: no exp" },
};
const struct cb_command cb_command_directory_statement = { "directory statement",
                                                           "Print a software statement, for demos and tests",
                                                           statement_options,
                                                           CB_COUNT(statement_options),
                                                           sizeof(struct directory_args),
                                                           run_statement,
                                                           .more = NULL };
