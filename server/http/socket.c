#include "http/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

static cb_status split_address(const char *address, char *host, size_t host_size, const char **out_port,
                               struct cb_err *err)
{
    const char *colon = strrchr(address, ':');
    CB_ENSURE(colon != NULL && colon[1] != '\0', CB_E_LISTEN, "%.64s: HOST:PORT is expected", address);
    const char *from = address;
    const char *to = colon;
    if (*from == '[' && to > from && to[-1] == ']') {
        from++, to--;
    }
    CB_ENSURE(to > from && (size_t)(to - from) < host_size, CB_E_LISTEN, "%.64s: HOST:PORT is expected",
              address);
    (void)snprintf(host, host_size, "%.*s", (int)(to - from), from);
    *out_port = colon + 1;
    return CB_OK;
}

static cb_status bind_one(const struct addrinfo *ai, const char *address, int *out, struct cb_err *err)
{
    const int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
    CB_ENSURE(fd >= 0, CB_E_LISTEN, "%.64s: socket: %s", address, strerrordesc_np(errno));
    const int on = 1;
    const int off = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (ai->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off); /* [::] serves IPv4 too */
    }
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, CB_SOCKET_BACKLOG) != 0) {
        const int error = errno;
        (void)close(fd);
        CB_REFUSE(CB_E_LISTEN, "%.64s: %s", address, strerrordesc_np(error));
    }
    *out = fd;
    return CB_OK;
}

static cb_status port_of(int fd, const char *address, int *out, struct cb_err *err)
{
    struct sockaddr_in6 name = { 0 }; /* its port stands where sockaddr_in has it */
    socklen_t length = sizeof name;
    CB_ENSURE(getsockname(fd, (struct sockaddr *)&name, &length) == 0, CB_E_LISTEN, "%.64s: %s", address,
              strerrordesc_np(errno));
    *out = ntohs(name.sin6_port);
    return CB_OK;
}

static cb_status listen_tcp(const char *address, struct cb_socket *out, struct cb_err *err)
{
    char host[256];
    const char *port = NULL;
    CB_TRY(split_address(address, host, sizeof host, &port, err));
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    const int rc = getaddrinfo(host, port, &hints, &found);
    CB_ENSURE(rc == 0, CB_E_LISTEN, "%.64s: %s", address, gai_strerror(rc));
    struct cb_socket s CB_AUTO(cb_socket_close) = { .fd = -1 };
    const cb_status bound = bind_one(found, address, &s.fd, err);
    freeaddrinfo(found);
    CB_TRY(bound);
    CB_TRY(port_of(s.fd, address, &s.port, err));
    *out = s;
    s.fd = -1;
    return CB_OK;
}

cb_status cb_socket_listen(const char *address, struct cb_socket *out, struct cb_err *err)
{
    static const struct cb_str scheme = { "unix:", sizeof "unix:" - 1 };
    return cb_str_starts(cb_str_of(address), scheme) ? cb_socket_listen_unix(address + scheme.n, out, err)
                                                     : listen_tcp(address, out, err);
}
