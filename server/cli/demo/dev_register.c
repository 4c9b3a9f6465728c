/* Partner B comes in by the front door: it registers itself with a software statement, while the server runs.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "cli/demo/dev.h"
#include "cli/demo/dev_pki.h"
#include "cli/register.h"
#include "cli/signer.h"
#include "cli/subject.h"

enum { TRIES = 100, PAUSE_MS = 100 };

static const char statement_claims[] =
    "{\"software_id\":\"partner-b-software\",\"client_name\":\"Partner B\","
    "\"software_roles\":[\"AISP\",\"PISP\"]}";

static char *path_in(struct cb_arena *a, const char *dir, const char *name)
{
    char text[PATH_MAX];
    struct cb_buf b;
    cb_buf_over(&b, text, sizeof text);
    cb_buf_add_cstr(&b, dir);
    cb_buf_add_char(&b, '/');
    cb_buf_add_cstr(&b, name);
    return b.failed ? NULL : cb_arena_cstr(a, cb_buf_str(&b));
}

static cb_status metadata(struct cb_arena *a, const char *cert, struct cb_str *out, struct cb_err *err)
{
    enum { ROOM = 4096 };
    struct cb_str subject = { 0 };
    char *memory = cb_arena_alloc(a, ROOM);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "registration");
    struct cb_buf b;
    cb_buf_over(&b, memory, ROOM);
    struct cb_json_out j = cb_json_out(&b);
    CB_TRY(cb_subject_of_file(a, cert, &subject, err));
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "token_endpoint_auth_method", "tls_client_auth");
    cb_json_put_str(&j, "tls_client_auth_subject_dn", subject);
    cb_json_put_cstr(&j, "scope", "accounts payments");
    cb_json_close(&j, '}');
    *out = cb_buf_str(&b);
    return cb_buf_check(&b, err);
}

/* The server may not listen yet. */
static cb_status post(struct cb_arena *a, const struct cb_application_form *form, struct cb_str *out,
                      struct cb_err *err)
{
    const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
    int status = 0;
    struct cb_err why = { 0 };
    for (int i = 0; i < TRIES; i++) {
        cb_err_clear(&why);
        if (!CB_FAILED(cb_apply_post(a, form, &status, out, &why))) {
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    CB_ENSURE(why.code == CB_E_NONE, why.code, "%.200s", why.detail);
    CB_ENSURE(status == 201, CB_E_REGISTRATION, "the server answers %d: %.160s", status, out->p);
    return CB_OK;
}

static cb_status register_partner(const char *dir, int port, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_buf statement CB_AUTO(cb_buf_done);
    char url[64];
    cb_arena_init(&a, 4 * CB_MIB);
    cb_buf_init(&statement, CB_LIMIT_JWS);
    (void)snprintf(url, sizeof url, "https://localhost:%d/register", port + 1);
    const struct cb_signer_claims claims = { .claims = cb_str_of(statement_claims),
                                             .issuer = CB_DEV_DIRECTORY,
                                             .now = cb_clock_unix() };
    struct cb_application_form form = { .url = url,
                                        .ca = path_in(&a, dir, "ca.pem"),
                                        .cert = path_in(&a, dir, "partner-b.pem"),
                                        .key = path_in(&a, dir, "partner-b.key") };
    const char *folder = path_in(&a, dir, "directory");
    CB_ENSURE(form.ca != NULL && form.cert != NULL && form.key != NULL && folder != NULL, CB_E_MEMORY,
              "path");
    CB_TRY(cb_signer_sign(folder, &claims, &statement, err));
    form.statement = cb_buf_str(&statement);
    CB_TRY(metadata(&a, form.cert, &form.metadata, err));
    struct cb_str answer = { 0 };
    CB_TRY(post(&a, &form, &answer, err));
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const cb_status written = cb_file_create(fd, CB_DEV_REGISTRATION, 0600, answer, err);
    (void)close(fd);
    return written;
}

void cb_dev_register(const char *dir, int port, FILE *say)
{
    struct cb_err err = { 0 };
    (void)signal(SIGCHLD, SIG_IGN); /* nobody waits for the child */
    (void)fflush(NULL);
    if (fork() != 0) {
        return;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* without the server there is nothing to do */
    if (CB_FAILED(register_partner(dir, port, &err))) {
        (void)fprintf(say, "certbound dev: partner-b could not register itself: %s\n", err.detail);
    } else {
        (void)fprintf(say, "certbound dev: partner-b registered itself: %s/" CB_DEV_REGISTRATION "\n", dir);
    }
    (void)fflush(say);
    _exit(0);
}
