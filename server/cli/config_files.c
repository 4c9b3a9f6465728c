#include "cli/config_files.h"

#include "app/settings.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cert/crl.h"
#include "cli/cert_file.h"
#include "http/http.h"
#include "keys/keys.h"

struct check {
    struct cb_cli *cli;
    bool good;
};

/* Says what is wrong with one file and goes on to the next. */
static void note(struct check *k, const char *where, cb_status status, struct cb_err *err)
{
    if (CB_FAILED(status)) {
        (void)cb_cli_refuse(k->cli, "%s%s%s", where, where[0] == '\0' ? "" : ": ", err->detail);
        k->good = false;
    }
    cb_err_clear(err);
}

static cb_status check_credentials(const struct cb_config_listener *l, struct cb_err *err)
{
    struct cb_tls_credentials *credentials = NULL;
    CB_TRY(cb_tls_credentials_load(l->certificate, l->private_key, &credentials, err));
    cb_tls_credentials_unref(credentials);
    return CB_OK;
}

static void warn_of_end(struct check *k, const char *where, const char *path)
{
    struct cb_cert cert = { 0 };
    char ended[CB_TIME_TEXT];
    if (!CB_FAILED(cb_cert_of_file(&k->cli->arena, path, &cert, NULL)) && cert.not_after < cb_clock_unix()) {
        cb_time_text(cert.not_after, ended);
        (void)fprintf(k->cli->err, "warning: %s: %s has expired, on %s\n", where, path, ended);
    }
}

static void check_listeners(struct check *k, const struct cb_config *c)
{
    static const char *const names[CB_LISTENER__MAX] = {
        [CB_LISTENER_PUBLIC] = "listeners.public",
        [CB_LISTENER_MTLS] = "listeners.mtls",
        [CB_LISTENER_ADMIN] = "listeners.admin",
        [CB_LISTENER_OPS] = "listeners.ops",
    };
    struct cb_err err = { 0 };
    for (size_t i = 0; i < CB_LISTENER__MAX; i++) {
        const struct cb_config_listener *l = &c->listeners[i];
        if (l->address != NULL && l->certificate != NULL) {
            note(k, names[i], check_credentials(l, &err), &err);
            warn_of_end(k, names[i], l->certificate);
        }
    }
}

static cb_status check_kek(const char *path, struct cb_err *err)
{
    struct cb_kek *kek = NULL;
    CB_TRY(cb_kek_load(path, &kek, err));
    cb_kek_free(kek);
    return CB_OK;
}

static cb_status check_trust_group(const struct cb_config_trust_group *group, struct cb_err *err)
{
    struct cb_trust *trust = NULL;
    CB_TRY(cb_trust_group_load(group, &trust, err));
    cb_trust_free(trust);
    return CB_OK;
}

/* Whether one of its CAs signed it shows later: partners may bring that one with them. */
static cb_status check_list(const char *path, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_str bytes = { 0 };
    struct cb_crl *list = NULL;
    struct cb_err why = { 0 };
    cb_arena_init(&a, CB_LIMIT_CRL_FILE + CB_MIB);
    CB_TRY(cb_file_read(&a, path, CB_LIMIT_CRL_FILE, &bytes, err));
    const cb_status status = cb_crl_read(bytes, NULL, 0, cb_clock_unix(), &list, &why);
    cb_crl_unref(list);
    CB_ENSURE(!CB_FAILED(status) || why.code == CB_E_CRL_ISSUER_UNKNOWN, why.code, "%.100s: %.140s", path,
              why.detail);
    return CB_OK;
}

static void check_trust_groups(struct check *k, const struct cb_config *c)
{
    struct cb_err err = { 0 };
    for (size_t i = 0; i < c->trust_group_count; i++) {
        const struct cb_config_trust_group *g = &c->trust_groups[i];
        char where[128];
        (void)snprintf(where, sizeof where, "trust group %.100s", g->name);
        note(k, "", check_trust_group(g, &err), &err);
        for (size_t n = 0; n < g->revocation.crl_count; n++) {
            if (strstr(g->revocation.crls[n], "://") == NULL) {
                note(k, where, check_list(g->revocation.crls[n], &err), &err);
            }
        }
    }
}

/* Of one at a time, so that each is named. */
static cb_status check_directory(const struct cb_config *c, size_t i, struct cb_err *err)
{
    struct cb_config one = *c;
    struct cb_directories *directories = NULL;
    one.directories = &c->directories[i];
    one.directory_count = 1;
    CB_TRY(cb_directories_load(&one, &directories, err));
    cb_directories_unref(directories);
    return CB_OK;
}

static cb_status check_ca_file(struct cb_arena *a, const char *path, struct cb_err *err)
{
    struct cb_cert first = { 0 };
    return path == NULL ? CB_OK : cb_cert_of_file(a, path, &first, err);
}

bool cb_cli_config_files(struct cb_cli *cli, const struct cb_config *c)
{
    struct check k = { .cli = cli, .good = true };
    struct cb_err err = { 0 };
    check_listeners(&k, c);
    note(&k, "keys.encryption_key_file", check_kek(c->key_encryption_key, &err), &err);
    check_trust_groups(&k, c);
    for (size_t i = 0; i < c->directory_count; i++) {
        note(&k, "", check_directory(c, i, &err), &err);
    }
    note(&k, "", cb_administrators_check(&cli->arena, c, &err), &err);
    note(&k, "outbound.ca_file", check_ca_file(&cli->arena, c->outbound.ca_file, &err), &err);
    return k.good;
}
