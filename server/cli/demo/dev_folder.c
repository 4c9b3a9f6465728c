#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ct.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/random.h"
#include "cli/demo/dev.h"
#include "cli/demo/dev_pki.h"
#include "cli/signer.h"
#include "cli/subject.h"
#include "partner/registration.h"

/* certbound.yaml is written last: a folder that has it is complete. */
#define CONFIG_NAME   "certbound.yaml"
#define KEK_NAME      "key-encryption.key"
#define ISSUER_PREFIX "https://localhost:"

static const char *const files[] = {
    "ca.pem",        "server.pem",    "server.key",   "partner-a.pem", "partner-a.key",
    "partner-b.pem", "partner-b.key", "certbound.db", KEK_NAME,        CONFIG_NAME,
};
static const char *const partners[] = { "partner-a", "partner-b" };
static const char by_operator[] = "partner-a"; /* partner B registers itself */

struct folder {
    struct cb_arena *arena;
    const char *dir;
    const char *config_path;
    int fd;
    int port;
    int64_t now;
};

/* --- what is there --- */

static void auto_folder(const struct folder *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
}

static cb_status open_folder(struct folder *f, struct cb_err *err)
{
    CB_ENSURE(mkdir(f->dir, 0700) == 0 || errno == EEXIST, CB_E_FILE, "%.100s: could not make the folder: %s",
              f->dir, strerrordesc_np(errno));
    f->fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CB_ENSURE(f->fd >= 0, CB_E_FILE, "%.100s: could not open the folder: %s", f->dir, strerrordesc_np(errno));
    return CB_OK;
}

static char *path_in(const struct folder *f, const char *name)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 8 * CB_KIB);
    cb_buf_add_cstr(&b, f->dir);
    cb_buf_add_char(&b, '/');
    cb_buf_add_cstr(&b, name);
    return b.failed ? NULL : cb_arena_cstr(f->arena, cb_buf_str(&b));
}

static bool is_empty(const struct folder *f)
{
    struct dirent **entries = NULL;
    const int n = scandirat(f->fd, ".", &entries, NULL, NULL);
    for (int i = 0; i < n; i++) {
        free(entries[i]);
    }
    free(entries);
    return n == 2; /* "." and ".." */
}

static bool is_complete(const struct folder *f)
{
    for (size_t i = 0; i < CB_COUNT(files); i++) {
        if (faccessat(f->fd, files[i], R_OK, 0) != 0) {
            return false;
        }
    }
    return true;
}

/* --- making it --- */

static void auto_authority(struct cb_dev_authority **a)
{
    cb_dev_authority_free(*a);
}

static cb_status write_pki(const struct folder *f, struct cb_err *err)
{
    CB_AUTO(auto_authority) struct cb_dev_authority *authority = NULL;
    CB_TRY(cb_dev_authority_new(f->now, &authority, err));
    CB_TRY(cb_dev_authority_write(authority, f->fd, err));
    CB_TRY(cb_dev_issue(authority, CB_DEV_SERVER, "server", f->now, f->fd, err));
    for (size_t i = 0; i < CB_COUNT(partners); i++) {
        CB_TRY(cb_dev_issue(authority, CB_DEV_PARTNER, partners[i], f->now, f->fd, err));
    }
    return CB_OK;
}

static cb_status write_kek(const struct folder *f, struct cb_err *err)
{
    unsigned char key[32], text[64];
    CB_TRY(cb_random(key, sizeof key, err));
    const int n = EVP_EncodeBlock(text, key, sizeof key);
    text[n] = '\n';
    const struct cb_str line = { (const char *)text, (size_t)n + 1 };
    const cb_status status = cb_file_create(f->fd, KEK_NAME, 0600, line, err);
    cb_wipe(key, sizeof key);
    cb_wipe(text, sizeof text);
    return status;
}

static void write_config_text(const struct folder *f, struct cb_buf *out)
{
    cb_buf_add_fmt(out, "# Made by `certbound dev`, for this machine alone.\nissuer: " ISSUER_PREFIX "%d\n",
                   f->port);
    cb_buf_add_cstr(out, "listeners:\n");
    cb_buf_add_fmt(out, "  public:\n    address: 127.0.0.1:%d\n", f->port);
    cb_buf_add_cstr(out, "    certificate: server.pem\n    private_key: server.key\n");
    cb_buf_add_fmt(out, "  mtls:\n    address: 127.0.0.1:%d\n", f->port + 1);
    cb_buf_add_cstr(out, "    certificate: server.pem\n    private_key: server.key\n");
    cb_buf_add_fmt(out, "    url: https://localhost:%d\n", f->port + 1);
    cb_buf_add_fmt(out, "  ops:\n    address: 127.0.0.1:%d\n", f->port + 3);
    cb_buf_add_cstr(out, "store: sqlite:certbound.db\n");
    cb_buf_add_cstr(out, "keys:\n  encryption_key_file: " KEK_NAME "\n  publish_ahead: 60s\n");
    cb_buf_add_fmt(out, "resources:\n  - identifier: https://localhost:%d\n", f->port + 2);
    cb_buf_add_cstr(out, "    scopes: [accounts, payments]\n");
    cb_buf_add_cstr(out, "trust_groups:\n  - name: partners\n    anchors: ca.pem\n");
    cb_buf_add_cstr(out, "roles:\n  - role: AISP\n    scopes: [accounts]\n");
    cb_buf_add_cstr(out, "  - role: PISP\n    scopes: [payments]\n");
    cb_buf_add_cstr(out, "directories:\n  - name: demo\n    issuer: " CB_DEV_DIRECTORY "\n");
    cb_buf_add_cstr(out,
                    "    jwks: directory/signer.jwks\n    profile: generic\n    trust_group: partners\n");
}

static cb_status add_partner(const struct folder *f, const struct cb_config *config, struct cb_store *store,
                             const char *name, struct cb_err *err)
{
    char file[32];
    (void)snprintf(file, sizeof file, "%s.pem", name);
    const char *path = path_in(f, file);
    CB_ENSURE(path != NULL, CB_E_MEMORY, "path");
    struct cb_registration r = { .client_id = cb_str_of(name), .scope = CB_STR("accounts payments") };
    struct cb_client_record record = { 0 };
    char memory[512];
    struct cb_buf problems;
    cb_buf_over(&problems, memory, sizeof memory);
    CB_TRY(cb_subject_of_file(f->arena, path, &r.subjects[CB_SUBJECT_DN], err));
    CB_TRY(cb_registration_check(f->arena, &r, config, f->now, &record, &problems, err));
    return cb_store_client_add(store, &record, err);
}

static cb_status fill_store(const struct folder *f, const struct cb_config *config, struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_TRY(cb_store_open(config->store, &store, err));
    CB_TRY(cb_store_migrate(store, f->now, err));
    return add_partner(f, config, store, by_operator, err);
}

static cb_status make(const struct folder *f, struct cb_err *err)
{
    struct cb_buf text CB_AUTO(cb_buf_done), problems CB_AUTO(cb_buf_done);
    cb_buf_init(&text, 8 * CB_KIB);
    cb_buf_init(&problems, 64 * CB_KIB);
    write_config_text(f, &text);
    CB_TRY(cb_buf_check(&text, err));
    struct cb_config *config = NULL;
    CB_TRY(cb_config_parse(f->arena, f->config_path, cb_buf_str(&text), &config, &problems, err));
    CB_TRY(write_pki(f, err));
    const char *directory = path_in(f, "directory");
    CB_ENSURE(directory != NULL, CB_E_MEMORY, "path");
    CB_TRY(cb_signer_make(directory, CB_ALG_ES256, err));
    CB_TRY(write_kek(f, err));
    CB_TRY(fill_store(f, config, err));
    return cb_file_create(f->fd, CONFIG_NAME, 0644, cb_buf_str(&text), err);
}

/* --- taking it --- */

/* The port is in the issuer that write_config_text wrote. */
static cb_status read_port(struct folder *f, struct cb_err *err)
{
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&problems, 64 * CB_KIB);
    struct cb_config *config = NULL;
    int port = 0;
    CB_TRY(cb_config_load(f->arena, f->config_path, &config, &problems, err));
    CB_ENSURE(cb_str_starts(cb_str_of(config->issuer), CB_STR(ISSUER_PREFIX)) &&
                  cb_dev_port(config->issuer + sizeof ISSUER_PREFIX - 1, &port) &&
                  (f->port == 0 || f->port == port),
              CB_E_CONFIG, "%.100s is for another port; leave out --port, or give another --dir", f->dir);
    f->port = port;
    return CB_OK;
}

cb_status cb_dev_prepare(struct cb_arena *a, const char *dir, int port, int64_t now,
                         struct cb_dev_folder *out, struct cb_err *err)
{
    struct folder f CB_AUTO(auto_folder) = { .arena = a, .dir = dir, .fd = -1, .port = port, .now = now };
    CB_TRY(open_folder(&f, err));
    f.config_path = path_in(&f, CONFIG_NAME);
    CB_ENSURE(f.config_path != NULL, CB_E_MEMORY, "path");
    const bool fresh = is_empty(&f);
    if (fresh) {
        f.port = port == 0 ? CB_DEV_PORT : port;
        CB_TRY(make(&f, err));
    } else {
        CB_ENSURE(is_complete(&f), CB_E_FILE,
                  "%.100s holds other files, or is incomplete; give an empty folder with --dir", dir);
        CB_TRY(read_port(&f, err));
    }
    *out = (struct cb_dev_folder){ .config = f.config_path,
                                   .port = f.port,
                                   .fresh = fresh,
                                   .registered = faccessat(f.fd, CB_DEV_REGISTRATION, F_OK, 0) == 0 };
    return CB_OK;
}
