#include "http/socket.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/certbound-socket-XXXXXX";
static char path[64], address[sizeof path + 8];

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/s", folder);
    (void)snprintf(address, sizeof address, "unix:%s", path);
}

static void tear_down(void)
{
    (void)unlink(path);
    cr_expect_eq(rmdir(folder), 0);
}

TestSuite(socket, .init = set_up, .fini = tear_down);

static enum cb_code listen_on(const char *where, struct cb_socket *out)
{
    struct cb_err err = { 0 };
    *out = (struct cb_socket){ .fd = -1 };
    cr_expect_eq(CB_FAILED(cb_socket_listen(where, out, &err)), err.code != CB_E_NONE);
    return err.code;
}

static bool answers(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    (void)snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const bool connected = connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
    (void)close(fd);
    return connected;
}

Test(socket, tcp_takes_a_free_port)
{
    struct cb_socket s;
    cr_assert_eq(listen_on("127.0.0.1:0", &s), CB_E_NONE);
    cr_expect(s.fd >= 0 && s.port > 0 && s.path[0] == '\0');
    cb_socket_close(&s);
    cr_expect_eq(s.fd, -1);
    cb_socket_close(&s);
}

Test(socket, tcp_refusals)
{
    static const char *const wrong[] = { "",   ":",           "127.0.0.1",  "127.0.0.1:",
                                         ":1", "127.0.0.1:x", "192.0.2.1:0" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct cb_socket s;
        cr_expect_eq(listen_on(wrong[i], &s), CB_E_LISTEN, "%s", wrong[i]);
        cr_expect_eq(s.fd, -1);
    }
}

Test(socket, a_unix_socket_is_for_owner_and_group_and_goes_with_the_listener)
{
    struct cb_socket s;
    struct stat st;
    cr_assert_eq(listen_on(address, &s), CB_E_NONE);
    cr_assert_eq(lstat(path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0660);
    cr_expect(answers());
    cr_expect_eq(s.port, 0);
    cb_socket_close(&s);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(socket, where_somebody_listens_there_is_no_room)
{
    struct cb_socket first, second;
    cr_assert_eq(listen_on(address, &first), CB_E_NONE);
    cr_expect_eq(listen_on(address, &second), CB_E_LISTEN);
    cr_expect(answers(), "the first one goes on");
    cb_socket_close(&first);
}

Test(socket, what_a_dead_server_left_is_replaced)
{
    struct cb_socket dead, fresh;
    cr_assert_eq(listen_on(address, &dead), CB_E_NONE);
    (void)close(dead.fd);
    cr_assert_eq(listen_on(address, &fresh), CB_E_NONE);
    cr_expect(answers());
    cb_socket_close(&fresh);
}

Test(socket, a_file_that_is_no_socket_stays)
{
    struct cb_socket s;
    FILE *f = fopen(path, "w");
    cr_assert(f != NULL && fclose(f) == 0);
    cr_expect_eq(listen_on(address, &s), CB_E_LISTEN);
    cr_expect_eq(access(path, F_OK), 0);
}

Test(socket, anothers_socket_stays)
{
    struct cb_socket ours, theirs;
    cr_assert_eq(listen_on(address, &ours), CB_E_NONE);
    (void)unlink(path);
    cr_assert_eq(listen_on(address, &theirs), CB_E_NONE);
    cb_socket_close(&ours);
    cr_expect(answers());
    cb_socket_close(&theirs);
}

Test(socket, a_path_is_107_bytes_at_most)
{
    struct cb_socket s;
    char where[5 + 108 + 1] = "unix:";
    for (size_t n = 107; n <= 108; n++) {
        (void)snprintf(where, sizeof where, "unix:%s/%0*d", folder, (int)(n - strlen(folder) - 1), 0);
        cr_expect_eq(listen_on(where, &s), n == 107 ? CB_E_NONE : CB_E_LISTEN, "%zu", n);
        cb_socket_close(&s);
    }
    cr_expect_eq(listen_on("unix:", &s), CB_E_LISTEN);
    cr_expect_eq(listen_on("unix:/nonexistent/s", &s), CB_E_LISTEN);
}
