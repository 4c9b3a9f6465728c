/* Keeps what strangers can cause out of the log when they cause much of it. */
#ifndef CB_THROTTLE_H
#define CB_THROTTLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct cb_throttle {
    pthread_mutex_t lock;
    int64_t second;
    uint32_t passed; /* in this second */
    uint64_t held_back;
};
#define CB_THROTTLE_INIT       ((struct cb_throttle){ .lock = PTHREAD_MUTEX_INITIALIZER })

#define CB_THROTTLE_PER_SECOND 10

/* True at most CB_THROTTLE_PER_SECOND times in a second; then *out_held_back is how many were not, since. */
bool cb_throttle_pass(struct cb_throttle *t, int64_t now_s, uint64_t *out_held_back);

#endif
