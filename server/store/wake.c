#include "store/wake.h"

#include <poll.h>
#include <sys/eventfd.h>

bool cb_wake_wait(int wake_fd, int fd, int timeout_ms)
{
    struct pollfd fds[] = { { .fd = wake_fd, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
    if (poll(fds, 2, timeout_ms) <= 0 || fds[0].revents == 0) {
        return false;
    }
    eventfd_t count = 0;
    return eventfd_read(wake_fd, &count) == 0;
}
