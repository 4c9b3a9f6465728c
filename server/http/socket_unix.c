#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "http/socket.h"

static cb_status open_one(const char *path, int *out, struct cb_err *err)
{
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CB_ENSURE(*out >= 0, CB_E_LISTEN, "%.128s: socket: %s", path, strerrordesc_np(errno));
    return CB_OK;
}

/* A file of a socket that nobody listens on any more refuses at once. */
static bool is_left_behind(const char *path, const struct sockaddr_un *name)
{
    struct stat st;
    int fd = -1;
    if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode) || CB_FAILED(open_one(path, &fd, NULL))) {
        return false;
    }
    const bool refused =
        connect(fd, (const struct sockaddr *)name, sizeof *name) != 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

static cb_status bind_path(int fd, const char *path, struct cb_err *err)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    (void)snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    const struct sockaddr *sa = (const struct sockaddr *)&name;
    if (bind(fd, sa, sizeof name) == 0) {
        return CB_OK;
    }
    if (errno == EADDRINUSE && is_left_behind(path, &name)) {
        CB_ENSURE(unlink(path) == 0 && bind(fd, sa, sizeof name) == 0, CB_E_LISTEN, "%.128s: %s", path,
                  strerrordesc_np(errno));
        return CB_OK;
    }
    CB_REFUSE(CB_E_LISTEN, "%.128s: %s", path, strerrordesc_np(errno));
}

cb_status cb_socket_listen_unix(const char *path, struct cb_socket *out, struct cb_err *err)
{
    struct cb_socket s CB_AUTO(cb_socket_close) = { .fd = -1 };
    struct stat st;
    CB_ENSURE(cb_str_of(path).n < sizeof s.path, CB_E_LISTEN, "%.128s: a longer path than a socket may have",
              path);
    CB_TRY(open_one(path, &s.fd, err));
    CB_TRY(bind_path(s.fd, path, err));
    (void)snprintf(s.path, sizeof s.path, "%s", path);
    /* Nobody can connect before listen(), so the mode is right in time. */
    CB_ENSURE(lstat(path, &st) == 0 && chmod(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) == 0, CB_E_LISTEN,
              "%.128s: %s", path, strerrordesc_np(errno));
    s.device = st.st_dev;
    s.inode = st.st_ino;
    CB_ENSURE(listen(s.fd, CB_SOCKET_BACKLOG) == 0, CB_E_LISTEN, "%.128s: %s", path, strerrordesc_np(errno));
    *out = s;
    s = (struct cb_socket){ .fd = -1 };
    return CB_OK;
}

void cb_socket_close(struct cb_socket *s)
{
    struct stat st;
    if (s->path[0] != '\0' && lstat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode) {
        (void)unlink(s->path);
    }
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    *s = (struct cb_socket){ .fd = -1 };
}
