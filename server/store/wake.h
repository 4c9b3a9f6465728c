/* Waiting that another thread can end. */
#ifndef CB_STORE_WAKE_H
#define CB_STORE_WAKE_H

#include <stdbool.h>

/* Until fd (-1: none) or wake_fd is readable or timeout_ms is over. True: woken, and the wake-up is used up.
 */
bool cb_wake_wait(int wake_fd, int fd, int timeout_ms);

#endif
