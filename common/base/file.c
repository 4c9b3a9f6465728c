#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

static const char *why(int error)
{
    const char *name = strerrordesc_np(error);
    return name == NULL ? "unknown error" : name;
}

/* What open files owned by root:ourgroup 0640 give is meant for us; any other bit for group or others is a
 * leak. */
static bool exposed(const struct stat *st)
{
    if (st->st_uid != 0 && st->st_uid != geteuid()) {
        return true;
    }
    const mode_t allowed = st->st_uid == 0 && st->st_gid == getegid() && getegid() != 0 ? 0740 : 0700;
    return (st->st_mode & 0777 & ~allowed) != 0;
}

static cb_status read_open(struct cb_arena *a, int fd, const char *path, size_t size, struct cb_str *out,
                           struct cb_err *err)
{
    char *p = cb_arena_alloc(a, size + 1);
    CB_ENSURE(p != NULL, CB_E_MEMORY, "%s: no memory for %zu bytes", path, size);
    size_t n = 0;
    while (n < size) {
        const ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        CB_ENSURE(got >= 0, CB_E_FILE, "%s: could not read: %s", path, why(errno));
        if (got == 0) {
            break;
        }
        n += (size_t)got;
    }
    *out = (struct cb_str){ p, n };
    return CB_OK;
}

static cb_status read_file(struct cb_arena *a, const char *path, size_t max, bool secret, struct cb_str *out,
                           struct cb_err *err)
{
    CB_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    CB_ENSURE(fd >= 0, CB_E_FILE, "%s: could not open: %s", path, why(errno));
    struct stat st = { 0 };
    CB_ENSURE(fstat(fd, &st) == 0, CB_E_FILE, "%s: could not stat: %s", path, why(errno));
    CB_ENSURE(S_ISREG(st.st_mode), CB_E_FILE, "%s: is not a regular file", path);
    CB_ENSURE(!secret || !exposed(&st), CB_E_SECRET_FILE,
              "%s: holds a secret, so it must belong to root or to the server's user and have mode 0600",
              path);
    CB_ENSURE((uintmax_t)st.st_size <= max, CB_E_FILE, "%s: is larger than %zu bytes", path, max);
    return read_open(a, fd, path, (size_t)st.st_size, out, err);
}

cb_status cb_file_read(struct cb_arena *a, const char *path, size_t max, struct cb_str *out,
                       struct cb_err *err)
{
    return read_file(a, path, max, false, out, err);
}

cb_status cb_file_read_secret(struct cb_arena *a, const char *path, size_t max, struct cb_str *out,
                              struct cb_err *err)
{
    return read_file(a, path, max, true, out, err);
}

/* --- writing --- */

static cb_status write_all(int fd, struct cb_str bytes, const char *path, struct cb_err *err)
{
    while (bytes.n > 0) {
        const ssize_t put = write(fd, bytes.p, bytes.n);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        CB_ENSURE(put > 0, CB_E_FILE, "%s: could not write: %s", path, why(errno));
        bytes.p += put;
        bytes.n -= (size_t)put;
    }
    CB_ENSURE(fsync(fd) == 0, CB_E_FILE, "%s: could not write: %s", path, why(errno));
    return CB_OK;
}

cb_status cb_file_create(int folder, const char *name, unsigned mode, struct cb_str bytes, struct cb_err *err)
{
    CB_AUTO(close_fd)
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    CB_ENSURE(fd >= 0, CB_E_FILE, "%s: could not create: %s", name, why(errno));
    return write_all(fd, bytes, name, err);
}

cb_status cb_file_replace(const char *path, struct cb_str bytes, struct cb_err *err)
{
    char fresh[PATH_MAX];
    const int n = snprintf(fresh, sizeof fresh, "%s" CB_FILE_UNFINISHED "XXXXXX", path);
    CB_ENSURE(n > 0 && (size_t)n < sizeof fresh, CB_E_FILE, "%.100s...: the path is too long", path);
    CB_AUTO(close_fd) int fd = mkostemp(fresh, O_CLOEXEC);
    CB_ENSURE(fd >= 0, CB_E_FILE, "%s: could not write: %s", path, why(errno));
    if (CB_FAILED(write_all(fd, bytes, path, err))) {
        (void)unlink(fresh);
        return CB_FAIL;
    }
    if (rename(fresh, path) != 0) {
        const int error = errno;
        (void)unlink(fresh);
        CB_REFUSE(CB_E_FILE, "%s: could not replace: %s", path, why(error));
    }
    return CB_OK;
}
