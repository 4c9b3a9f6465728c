#include "revocation/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "cert/x5t.h"

#define SUFFIX ".crl"
enum { UNUSED_S = 31 * 86400 };

struct cb_crl_cache {
    char *folder;
    uint64_t max_bytes;
    pthread_mutex_t lock; /* while it is written: the sum of the sizes holds */
};

/* --- the folder --- */

static void close_folder(DIR **d)
{
    if (*d != NULL) {
        (void)closedir(*d);
    }
}

static bool ends_with(struct cb_str s, struct cb_str end)
{
    return s.n >= end.n && cb_str_eq((struct cb_str){ s.p + s.n - end.n, end.n }, end);
}

/* Others' files in the same folder are left alone. */
static bool is_ours(const char *name)
{
    return ends_with(cb_str_of(name), CB_STR(SUFFIX)) || strstr(name, SUFFIX CB_FILE_UNFINISHED) != NULL;
}

/* Calls for each of our files; says what they hold together. */
static uint64_t walk(const struct cb_crl_cache *c,
                     void (*each)(int folder, const char *name, const struct stat *st, int64_t now),
                     int64_t now)
{
    uint64_t sum = 0;
    CB_AUTO(close_folder) DIR *d = opendir(c->folder);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        struct stat st = { 0 };
        if (is_ours(e->d_name) && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode)) {
            sum += (uint64_t)st.st_size;
            if (each != NULL) {
                each(dirfd(d), e->d_name, &st, now);
            }
        }
    }
    return sum;
}

static void sweep(int folder, const char *name, const struct stat *st, int64_t now)
{
    if (strstr(name, CB_FILE_UNFINISHED) != NULL || st->st_mtim.tv_sec < now - UNUSED_S) {
        (void)unlinkat(folder, name, 0);
    }
}

static void auto_cache(struct cb_crl_cache **c)
{
    cb_crl_cache_close(*c);
}

cb_status cb_crl_cache_open(const char *folder, uint64_t max_bytes, int64_t now, struct cb_crl_cache **out,
                            struct cb_err *err)
{
    struct stat st = { 0 };
    (void)mkdir(folder, 0700);
    CB_ENSURE(stat(folder, &st) == 0 && S_ISDIR(st.st_mode) && access(folder, R_OK | W_OK | X_OK) == 0,
              CB_E_FILE, "%.180s: is not a folder that the server can write to", folder);
    CB_AUTO(auto_cache) struct cb_crl_cache *c = calloc(1, sizeof *c);
    CB_ENSURE(c != NULL, CB_E_MEMORY, "cache of lists");
    (void)pthread_mutex_init(&c->lock, NULL);
    c->max_bytes = max_bytes;
    c->folder = strdup(folder);
    CB_ENSURE(c->folder != NULL, CB_E_MEMORY, "cache of lists");
    (void)walk(c, sweep, now);
    *out = CB_TAKE(c);
    return CB_OK;
}

void cb_crl_cache_close(struct cb_crl_cache *c)
{
    if (c != NULL) {
        (void)pthread_mutex_destroy(&c->lock);
        free(c->folder);
        free(c);
    }
}

/* --- one list --- */

/* Groups do not share files: what one of them believes must not take the place of another's. */
char *cb_crl_cache_path(const struct cb_crl_cache *c, const char *group, const char *url)
{
    struct cb_buf key CB_AUTO(cb_buf_done);
    struct cb_x5t digest = { 0 };
    char name[CB_X5T_TEXT];
    cb_buf_init(&key, CB_LIMIT_URL + CB_KIB);
    cb_buf_add_fmt(&key, "%s\n%s", group, url);
    const size_t room = c == NULL ? 0 : strlen(c->folder) + 1 + CB_X5T_TEXT + sizeof SUFFIX;
    char *text = room == 0 || key.failed ? NULL : malloc(room);
    if (text == NULL || CB_FAILED(cb_x5t_of(cb_buf_str(&key), &digest, NULL))) {
        free(text);
        return NULL;
    }
    cb_x5t_text(&digest, name); /* any digest will do, and this one has a text */
    (void)snprintf(text, room, "%s/%s%s", c->folder, name, SUFFIX);
    return text;
}

cb_status cb_crl_cache_get(struct cb_arena *a, const char *path, struct cb_str *out, struct cb_err *err)
{
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return CB_OK;
    }
    return cb_file_read(a, path, CB_LIMIT_CRL_FILE, out, err);
}

static uint64_t size_of(const char *path)
{
    struct stat st = { 0 };
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static cb_status put(struct cb_crl_cache *c, const char *path, struct cb_str bytes, struct cb_err *err)
{
    const uint64_t others = walk(c, NULL, 0) - size_of(path);
    CB_ENSURE(others + bytes.n <= c->max_bytes, CB_E_FILE, "%.120s: would hold more than %llu bytes",
              c->folder, (unsigned long long)c->max_bytes);
    return cb_file_replace(path, bytes, err);
}

cb_status cb_crl_cache_put(struct cb_crl_cache *c, const char *path, struct cb_str bytes, bool known,
                           struct cb_err *err)
{
    if (known && utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0) {
        return CB_OK; /* it is still in use */
    }
    (void)pthread_mutex_lock(&c->lock);
    const cb_status st = put(c, path, bytes, err);
    (void)pthread_mutex_unlock(&c->lock);
    return st;
}
