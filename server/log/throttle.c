#include "log/throttle.h"

bool cb_throttle_pass(struct cb_throttle *t, int64_t now_s, uint64_t *out_held_back)
{
    (void)pthread_mutex_lock(&t->lock);
    if (t->second != now_s) {
        t->second = now_s;
        t->passed = 0;
    }
    const bool pass = t->passed < CB_THROTTLE_PER_SECOND;
    if (pass) {
        t->passed++;
        *out_held_back = t->held_back;
        t->held_back = 0;
    } else {
        t->held_back++;
    }
    (void)pthread_mutex_unlock(&t->lock);
    return pass;
}
