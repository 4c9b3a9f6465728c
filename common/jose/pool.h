/* Contexts that are dear to make and cannot be shared: a short list of idle ones behind a lock. */
#ifndef CB_POOL_H
#define CB_POOL_H

#include <pthread.h>
#include <stdbool.h>

/* First member of whatever is pooled. */
struct cb_pool_item {
    struct cb_pool_item *next;
};

struct cb_pool {
    pthread_mutex_t lock;
    struct cb_pool_item *idle;
    unsigned count;
    void (*free)(struct cb_pool_item *item);
};

bool cb_pool_init(struct cb_pool *p, void (*free)(struct cb_pool_item *item));
void cb_pool_done(struct cb_pool *p);

/* NULL when none is idle: then the caller makes one, and gives it back like any other. */
struct cb_pool_item *cb_pool_take(struct cb_pool *p);
void cb_pool_give(struct cb_pool *p, struct cb_pool_item *item);

#endif
